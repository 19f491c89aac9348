"""Names and bytes as JSON has them. Paths are bytes here, whatever the locale."""

import base64
import errno
import os


def encode(text):
    return text.encode("utf-8", "surrogateescape")


def decode(name):
    return name.decode("utf-8", "surrogateescape")


def to_base64(data):
    return base64.b64encode(data).decode("ascii")


def from_base64(text):
    return base64.b64decode(text)


def read_bytes(path):
    with open(path, "rb") as file:
        return file.read()


def write_all(fd, data):
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(fd, rest) :]


def unless_absent(look, otherwise=None):
    try:
        return look()
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            return otherwise
        raise
