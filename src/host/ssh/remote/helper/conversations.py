"""Short talks with any number of listeners at the same time."""

import errno
import os
import selectors
import socket
import time

from data import encode
from listeners import new_socket


def converse(request, conversations, timeoutMs):
    talks = [Talk(each) for each in conversations]
    try:
        with selectors.DefaultSelector() as selector:
            talk_until(request, talks, selector, time.monotonic() + timeoutMs / 1000)
    finally:
        for talk in talks:
            talk.close()
    return [talk.lines for talk in talks]


def talk_until(request, talks, selector, end):
    waiting = talks
    while True:
        waiting = [talk for talk in waiting if not talk.connect(selector)]
        left = end - time.monotonic()
        if left <= 0 or not (waiting or selector.get_map()):
            return
        request.pause(0)
        # A listener whose queue is full tells nobody when that changes.
        for key, _ in selector.select(min(left, 0.005 if waiting else 0.1)):
            key.data.go_on(selector)


class Talk:
    """One conversation. Its lines are None while, and if, nobody listens."""

    def __init__(self, conversation):
        self.to_send = encode(conversation["send"])
        self.wanted = conversation["lines"]
        self.received = b""
        self.lines = None
        try:
            self.sock, self.address = new_socket(conversation["endpoint"])
            self.sock.setblocking(False)
        except OSError:
            self.sock = None

    def close(self):
        if self.sock is not None:
            self.sock.close()

    def connect(self, selector):
        """False if it is to be tried again."""
        if self.sock is None:
            return True
        try:
            self.sock.connect(self.address)
        except BlockingIOError as error:
            if error.errno == errno.EAGAIN:
                # Somebody listens, and has no place in the queue (QEMU's monitors queue one client).
                self.lines = []
                return False
        except OSError:
            self.lines = None
            return True
        selector.register(self.sock, selectors.EVENT_WRITE, self)
        return True

    def go_on(self, selector):
        try:
            if self.lines is None:
                failed = self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                if failed:
                    raise OSError(failed, os.strerror(failed))
                self.lines = []
            if self.to_send:
                self.to_send = self.to_send[self.sock.send(self.to_send) :]
            else:
                self.receive()
            if self.to_send:
                return
            if len(self.lines) < self.wanted:
                selector.modify(self.sock, selectors.EVENT_READ, self)
                return
        except BlockingIOError:
            return
        except (OSError, EOFError):
            pass
        selector.unregister(self.sock)
        self.close()

    def receive(self):
        data = self.sock.recv(1 << 20)
        if not data:
            raise EOFError()
        *lines, self.received = (self.received + data).split(b"\n")
        for line in lines[: self.wanted - len(self.lines)]:
            text = line[:-1] if line.endswith(b"\r") else line
            self.lines.append(text.decode("utf-8", "replace"))
