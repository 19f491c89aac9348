"""Looks at files and folders again and again, and tells what has become of them."""

import os
import time

from data import encode, to_base64

# Seconds.
LOOK_EVERY = 0.02
# The kernel's clock for the times of files ticks up to every 10 ms: what happens in one tick has one time.
TICK = 0.01


def watch_growth(request, path, offset):
    file = GrowingFile(encode(path), offset)
    while True:
        for data in file.growth():
            request.pause(0)
            request.tell(to_base64(data))
        request.pause(LOOK_EVERY)


class GrowingFile:
    """A file that was truncated or replaced is read from its start again, the old one's rest first."""

    def __init__(self, path, offset):
        self.path = path
        self.position = offset
        self.fd = None

    def growth(self):
        if self.fd is not None:
            yield from self.rest()
            if self.is_still_there():
                return
            # What was written to the old file between the last read and its replacement.
            yield from self.rest()
            os.close(self.fd)
            self.fd = None
            self.position = 0
        try:
            self.fd = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            # Not there yet, or not ours to read.
            return
        yield from self.rest()

    def rest(self):
        if os.fstat(self.fd).st_size < self.position:
            self.position = 0
        while True:
            try:
                data = os.pread(self.fd, 65536, self.position)
            except OSError:
                # A folder, say.
                return
            if not data:
                return
            self.position += len(data)
            yield data

    def is_still_there(self):
        try:
            return os.path.samestat(os.fstat(self.fd), os.stat(self.path))
        except OSError:
            return False


def watch_folder(request, path):
    told = look_at_folder(encode(path))
    while True:
        request.pause(LOOK_EVERY)
        now = look_at_folder(encode(path))
        # What changed just now may change again and keep its time: it is told once that has passed.
        if now != told and not (now and 0 <= time.time() - now[0] / 1e9 < TICK):
            request.tell(None)
            told = now


def look_at_folder(path):
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_dev, found.st_ino
