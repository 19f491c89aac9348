"""Has libvirt restore a domain from a pipe, and QEMU write the running guest into it.

It needs nobody once the guest is on its way: it holds what has to be held, and leaves its result behind.
Until then it gives up when its client leaves.
"""

import base64
import errno
import fcntl
import json
import os
import select
import socket
import subprocess
import sys
import threading
import time

# Seconds.
LOOK_EVERY = 0.01
CLIENT_WITHIN = 30
# How long libvirt may take to close what it has only looked at.
FIRST_LOOK = 1
MOST_RETRIES = 10
# As much as an unprivileged user may have: an XML has to fit, with nobody reading yet.
PIPE_BYTES = 1 << 20
F_SETPIPE_SZ = 1031
FIONREAD = 0x541B

asked = json.loads(bytes.fromhex(sys.argv[1]).decode())
folder = asked["folder"].encode("utf-8", "surrogateescape")
image = os.path.join(folder, b"image")
head = base64.b64decode(asked["head"])


class Gone(Exception):
    """libvirt, or QEMU, has given up."""


class ClientGone(Gone):
    """The client has left."""


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
            raise ClientGone()
        return data


class Image:
    """The pipe that libvirt takes for a file.

    It reads the head and goes on in the same pipe (libvirt 9), or first only looks at the head, and
    then opens what it takes for a file once more (11). Nothing tells which but what it does.
    """

    def __init__(self):
        os.mkfifo(image, 0o600)
        status = os.stat(image)
        self.identity = status.st_dev, status.st_ino
        # With a reader, us, there can be a writer before libvirt comes.
        reader = os.open(image, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        self.writer = self.open_writer()
        self.write(head[:-1])
        self.fds = [reader]

    def open_writer(self):
        """None as long as nobody has it open to read, or is about to."""
        try:
            writer = os.open(image, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            if error.errno == errno.ENXIO:
                return None
            raise
        fcntl.fcntl(writer, F_SETPIPE_SZ, PIPE_BYTES)
        return writer

    def write(self, data):
        if os.write(self.writer, data) != len(data):
            raise OSError("the domain's XML does not fit into a pipe")

    def hand_out(self, patience):
        """Has libvirt read the head as often as it wants to."""
        self.await_consumed(patience)
        self.write(head[-1:])
        # Without a writer, to open it once more takes until there is one.
        self.close()
        end = time.monotonic() + FIRST_LOOK
        while self.has_holder() and time.monotonic() < end and find_qemu() is None:
            patience()
        is_only_looked_at = not self.has_holder()
        while self.writer is None:
            self.writer = self.open_writer()
            if self.writer is None:
                patience()
        if is_only_looked_at:
            self.write(head)
            self.await_consumed(patience)

    def await_consumed(self, patience):
        unread = bytearray(4)
        fcntl.ioctl(self.writer, FIONREAD, unread)
        while any(unread):
            patience()
            fcntl.ioctl(self.writer, FIONREAD, unread)

    def has_holder(self):
        """Whether another process has it open."""
        for name in os.listdir("/proc"):
            if not name.isdigit() or int(name) == os.getpid():
                continue
            try:
                for fd in os.listdir("/proc/%s/fd" % name):
                    status = os.stat("/proc/%s/fd/%s" % (name, fd))
                    if (status.st_dev, status.st_ino) == self.identity:
                        return True
            except OSError:
                # It has ended, or is none of ours.
                continue
        return False

    def close(self):
        for fd in [*self.fds, self.writer]:
            if fd is not None:
                os.close(fd)
        self.fds, self.writer = [], None


def main():
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(os.path.join(folder, b"control.sock"))
    listener.listen(1)
    listener.settimeout(CLIENT_WITHIN)
    client = Client(listener.accept()[0])
    result = restore(client)
    for _ in range(MOST_RETRIES):
        if result["again"]:
            os.unlink(image)
            result = restore(client)
    result.pop("again")
    with open(os.path.join(folder, b"result.part"), "w") as file:
        json.dump(result, file)
    os.rename(os.path.join(folder, b"result.part"), os.path.join(folder, b"result"))
    client.tell(event="restored", **result)


def restore(client):
    """How `virsh restore` ended, and whether it has to be tried again."""
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
            raise ClientGone()
        if virsh.poll() is not None:
            raise Gone()

    stage = "head"
    try:
        pipe.hand_out(patience)
        stage = "waiting"
        while find_qemu() is None:
            patience()
        client.tell(event="reading", pid=find_qemu())
        while not client.says(1):
            if virsh.poll() is not None:
                raise Gone()
        migrate(client)
        stage = "migrating"
        client.tell(event="migrating")
    except ClientGone:
        stage = "given up"
    except Gone:
        # Without a writer the stream ends, and with it libvirt's attempt.
        pass
    finally:
        pipe.close()
    # Whoever opens it still, or only now, is to see its end.
    while virsh.poll() is None and stage != "migrating":
        os.close(os.open(image, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC))
        time.sleep(LOOK_EVERY)
    said = virsh.stderr.read().decode("utf-8", "replace")
    status = virsh.wait()
    # It was quicker to open the pipe again than we were to close it, and found it empty.
    too_late = stage in ("head", "waiting") and "failed to read qemu header" in said
    return {"status": status, "said": said, "again": status != 0 and too_late}


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
        execute(client, qemu, answers, {"execute": "qmp_capabilities", "id": "restore-1"})
        getfd = {"execute": "getfd", "arguments": {"fdname": "restore"}, "id": "restore-2"}
        execute(client, qemu, answers, getfd, [stream])
        migrate = {"execute": "migrate", "arguments": {"uri": "fd:restore"}, "id": "restore-3"}
        execute(client, qemu, answers, migrate)
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
