"""Has libvirt restore a domain from a pipe, and QEMU write the running guest into it.

It needs nobody once the guest is on its way: it holds what has to be held, and leaves its result behind.
Until then it gives up when its client leaves.
"""

import base64
import fcntl
import json
import os
import select
import socket
import subprocess
import sys
import termios
import threading
import time

# Seconds.
LOOK_EVERY = 0.01
CLIENT_WITHIN = 30
# As much as an unprivileged user may have: an XML has to fit, with nobody reading yet.
PIPE_BYTES = 1 << 20
F_SETPIPE_SZ = 1031

asked = json.loads(bytes.fromhex(sys.argv[1]).decode())
folder = asked["folder"].encode("utf-8", "surrogateescape")
image = os.path.join(folder, b"image")
head = base64.b64decode(asked["head"])


class Gone(Exception):
    """The client has left, or libvirt has given up."""


class Client:
    """Whom we tell, one JSON object a line, and who tells us to go on."""

    def __init__(self, connection):
        self.connection = connection
        self.lock = threading.Lock()

    def tell(self, **event):
        with self.lock:
            try:
                self.connection.sendall(json.dumps(event).encode() + b"\n")
            except OSError:
                pass

    def says(self, timeout):
        """What the client says within the time; empty if nothing."""
        if not select.select([self.connection], [], [], timeout)[0]:
            return b""
        data = self.connection.recv(4096)
        if not data:
            raise Gone()
        return data


class Image:
    """The pipe that libvirt takes for a file. Its head is written anew for each time it is opened."""

    def __init__(self):
        os.mkfifo(image, 0o600)
        # With a reader, us, nobody's opening waits; without one it is seen when libvirt closes it.
        self.reader = os.open(image, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        self.writer = os.open(image, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        fcntl.fcntl(self.writer, F_SETPIPE_SZ, PIPE_BYTES)
        self.write_head()

    def write_head(self):
        if os.write(self.writer, head) != len(head):
            raise OSError("the domain's XML does not fit into a pipe")

    def is_consumed(self):
        unread = bytearray(4)
        fcntl.ioctl(self.writer, termios.FIONREAD, unread)
        return int.from_bytes(unread, sys.byteorder) == 0

    def has_reader(self):
        poll = select.poll()
        poll.register(self.writer, 0)
        return not poll.poll(0)

    def look(self):
        """Whether libvirt has the head, and still has the pipe open."""
        if not self.is_consumed():
            return False
        if self.reader is not None:
            os.close(self.reader)
            self.reader = None
        if self.has_reader():
            return True
        # Only looked at until now (libvirt 11): opened once more, it is read from the beginning.
        while not self.has_reader():
            yield_to_others()
        self.write_head()
        return False

    def close(self):
        for fd in (self.reader, self.writer):
            if fd is not None:
                os.close(fd)


def main():
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(os.path.join(folder, b"control.sock"))
    listener.listen(1)
    listener.settimeout(CLIENT_WITHIN)
    client = Client(listener.accept()[0])
    global yield_to_others
    pipe = Image()
    virsh = subprocess.Popen(
        ["virsh", "-q", "-c", asked["uri"], "restore", image, *asked["options"]],
        env=dict(os.environ, LC_ALL="C"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )

    def patience():
        if client.says(LOOK_EVERY):
            raise Gone()
        if virsh.poll() is not None:
            raise Gone()

    yield_to_others = patience
    is_on_its_way = False
    try:
        while not pipe.look() or find_qemu() is None:
            patience()
        client.tell(event="reading", pid=find_qemu())
        while not client.says(1):
            if virsh.poll() is not None:
                raise Gone()
        migrate(client)
        is_on_its_way = True
        client.tell(event="migrating")
    except Gone:
        # Without a writer the stream ends, and with it libvirt's attempt.
        pass
    finally:
        pipe.close()
    # Whoever opens it still, or only now, is to see its end.
    while virsh.poll() is None and not is_on_its_way:
        os.close(os.open(image, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC))
        time.sleep(LOOK_EVERY)
    said = virsh.stderr.read().decode("utf-8", "replace")
    result = {"status": virsh.wait(), "said": said}
    with open(os.path.join(folder, b"result.part"), "w") as file:
        json.dump(result, file)
    os.rename(os.path.join(folder, b"result.part"), os.path.join(folder, b"result"))
    client.tell(event="restored", **result)


def find_qemu():
    """The QEMU that libvirt has started for the domain."""
    wanted = b"\0-uuid\0" + asked["uuid"].encode() + b"\0"
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open("/proc/%s/cmdline" % name, "rb") as file:
                words = file.read()
        except OSError:
            continue
        if wanted in words and b"id=charmonitor" in words:
            return int(name)
    return None


def migrate(client):
    """Hands the pipe to the instance that has the guest, and has it write into it."""
    qemu = socket.socket(socket.AF_UNIX)
    qemu.settimeout(CLIENT_WITHIN)
    qemu.connect(asked["monitor"].encode("utf-8", "surrogateescape"))
    answers = qemu.makefile("rb")
    answers.readline()
    stream = os.open(image, os.O_WRONLY | os.O_CLOEXEC)
    try:
        execute(client, qemu, answers, {"execute": "qmp_capabilities"})
        execute(client, qemu, answers, {"execute": "getfd", "arguments": {"fdname": "restore"}}, [stream])
        execute(client, qemu, answers, {"execute": "migrate", "arguments": {"uri": "fd:restore"}})
    finally:
        os.close(stream)
        qemu.close()


def execute(client, qemu, answers, command, fds=()):
    client.tell(event="command", message=command)
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, b"".join(fd.to_bytes(4, sys.byteorder) for fd in fds))]
    qemu.sendmsg([json.dumps(command).encode() + b"\n"], rights if fds else [])
    while True:
        line = answers.readline()
        if not line:
            raise Gone()
        message = json.loads(line)
        if "return" in message or "error" in message:
            client.tell(event="reply", message=message)
            if "error" in message:
                raise Gone()
            return


main()
