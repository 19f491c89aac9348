"""Who listens, and where."""

import os
import re
import socket
import subprocess

from data import encode, read_bytes
from processes import is_alive
from wire import Failure


def new_socket(endpoint):
    """A socket, and the address to be connected to."""
    if "unix" in endpoint:
        return socket.socket(socket.AF_UNIX), encode(endpoint["unix"])
    family, kind, protocol, _, address = socket.getaddrinfo(
        endpoint["host"], endpoint["port"], 0, socket.SOCK_STREAM
    )[0]
    return socket.socket(family, kind, protocol), address


def probe(request, endpoint):
    """Connects, and says how that fails."""
    sock, address = new_socket(endpoint)
    with sock:
        sock.settimeout(5)
        sock.connect(address)


def wait_for_listener(request, endpoint, process, untouched):
    """
    Answers when somebody listens.
    untouched: found out without a connection, for a listener that takes one only
    """
    attempts = 0
    while True:
        if process is not None and not is_alive(process):
            raise Failure(gone=True)
        if listens(endpoint, untouched):
            return
        # QEMU takes some 50 ms to listen, most others not longer.
        request.pause(0.001 if attempts < 500 else 0.01)
        attempts += 1


def listens(endpoint, untouched):
    if "unix" in endpoint:
        path = encode(endpoint["unix"])
        try:
            os.stat(path)
        except FileNotFoundError:
            return False
        found = look_up(path)
        # One that is not in the table was renamed since, belongs to a container, or is dead.
        if found is not None or untouched:
            return found is True
    try:
        probe(None, endpoint)
        return True
    except (ConnectionRefusedError, FileNotFoundError, BlockingIOError):
        return False


def look_up(path):
    """
    Whether the socket that was bound to this path listens, by the kernel's table of sockets; None if
    that has no such path.
    """
    table = read_bytes("/proc/net/unix")
    found = None
    end = b" " + path + b"\n"
    at = table.find(end)
    while at >= 0:
        line = table[table.rfind(b"\n", 0, at) + 1 : at + 1]
        flags = re.search(rb" \w{8} \w{8} (\w{8}) \w{4} \w{2} +\d+ $", line)
        if flags:
            # SO_ACCEPTCON
            found = found or flags.group(1) == b"00010000"
        at = table.find(end, at + 1)
    return found


def relays(request):
    """What connects standard input and output to a socket here, besides Python."""
    found = []
    if find_program("socat"):
        found.append("socat")
    if find_program("nc"):
        nc = subprocess.run(["nc", "-h"], stdin=subprocess.DEVNULL, stdout=-1, stderr=-2).stdout
        if re.search(rb"-\w*U", nc) and re.search(rb"-\w*N", nc) and b"shutdown" in nc.lower():
            found.append("nc")
    return found


def find_program(name):
    return any(os.access(os.path.join(folder, name), os.X_OK) for folder in os.get_exec_path())
