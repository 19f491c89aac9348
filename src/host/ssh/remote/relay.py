"""Relays standard input and output to a socket: what socat does, where there is none."""

import json
import os
import socket
import sys
import threading

endpoint = json.loads(bytes.fromhex(sys.argv[1]).decode())
if "unix" in endpoint:
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(endpoint["unix"].encode("utf-8", "surrogateescape"))
else:
    sock = socket.create_connection((endpoint["host"], endpoint["port"]))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def send():
    data = os.read(0, 65536)
    while data:
        sock.sendall(data)
        data = os.read(0, 65536)
    sock.shutdown(socket.SHUT_WR)


threading.Thread(target=send, daemon=True).start()
data = sock.recv(65536)
while data:
    while data:
        data = data[os.write(1, data) :]
    data = sock.recv(65536)
