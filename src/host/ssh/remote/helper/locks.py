"""Locks (flock(2)) that our end releases, and so the end of the connection."""

import fcntl
import os

from data import encode

_locks = {}


def lock(request, path):
    fd = os.open(encode(path), os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    except OSError:
        os.close(fd)
        raise
    _locks[request.number] = fd
    return request.number


def unlock(request, lock):
    fd = _locks.pop(lock)
    # A program on its way from fork to exec still shares the open file.
    fcntl.flock(fd, fcntl.LOCK_UN)
    os.close(fd)
