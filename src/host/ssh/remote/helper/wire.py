"""Requests and answers: a line of JSON each."""

import errno
import json
import os
import threading

from data import write_all


class Failure(Exception):
    """An error with more to say than a system call's: what becomes of it is told by its fields."""

    def __init__(self, **fields):
        super().__init__(fields)
        self.fields = fields


class Cancelled(Exception):
    """Nobody waits for the answer any more."""


class Request:
    """A request under way."""

    def __init__(self, number):
        self.number = number
        self._cancelled = threading.Event()
        self._on_cancel = None

    def pause(self, seconds):
        if self._cancelled.wait(seconds):
            raise Cancelled()

    def on_cancel(self, call):
        """Has it called once, at once if it was cancelled before."""
        self._on_cancel = call
        if self._cancelled.is_set():
            call()

    def cancel(self):
        self._cancelled.set()
        if self._on_cancel is not None:
            self._on_cancel()

    def tell(self, event):
        send({"id": self.number, "event": event})

    def answer(self, perform):
        try:
            send({"id": self.number, "result": perform()})
        except Cancelled:
            pass
        except Failure as failure:
            send({"id": self.number, "error": failure.fields})
        except Exception as error:
            send({"id": self.number, "error": fields_of(error)})


def fields_of(error):
    """What the client makes an error of."""
    if isinstance(error, OSError) and error.errno in errno.errorcode:
        reason = os.strerror(error.errno)
        return {
            "errno": errno.errorcode[error.errno],
            "reason": reason[:1].lower() + reason[1:],
        }
    return {"reason": str(error) or type(error).__name__}


_output = threading.Lock()


def send(message):
    line = json.dumps(message, separators=(",", ":")).encode("ascii") + b"\n"
    with _output:
        write_all(1, line)
