"""Files that are only added to. What is added to one keeps its order."""

import os
import queue
import stat
import threading

from data import encode, from_base64, write_all
from files import open_append_file


class Appender:
    def __init__(self, fd):
        self.fd = fd
        # A regular file takes a write at once; a pipe or a terminal may stall, and must not stall us.
        self.turns = None if stat.S_ISREG(os.fstat(fd).st_mode) else queue.Queue()
        if self.turns is not None:
            threading.Thread(target=self.take_turns, daemon=True).start()

    def take(self, turn):
        if self.turns is None:
            turn()
        else:
            self.turns.put(turn)

    def take_turns(self):
        while self.fd is not None:
            self.turns.get()()

    def write(self, data):
        write_all(self.fd, from_base64(data))

    def close(self):
        fd, self.fd = self.fd, None
        os.close(fd)


_appenders = {}


def open_append(request, path, mode):
    _appenders[request.number] = Appender(open_append_file(encode(path), mode))
    return request.number


def append(request, appender, data):
    appender = _appenders[appender]
    appender.take(lambda: request.answer(lambda: appender.write(data)))


def close(request, appender):
    appender = _appenders.pop(appender)
    appender.take(lambda: request.answer(appender.close))
