"""Has libvirt restore a domain from a pipe, and QEMU write the running guest into it.

It needs nobody once the guest is on its way: if libvirt gives up then, it sees to it that the guest goes
on where it was, and it leaves its word of how all went. Until then it gives up when its client leaves.
"""

import base64
import errno
import fcntl
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time

# Seconds.
LOOK_EVERY = 0.01
CLIENT_WITHIN = 10
# How long a monitor may take to answer.
ANSWER_WITHIN = 5
# How long libvirt may take to close what it has only looked at.
FIRST_LOOK = 1
# How long what goes on without libvirt may take: QEMU's last bytes, the end of libvirt's QEMU.
AFTERMATH = 20
MOST_TRIES = 4
# As much as an unprivileged user may have: an XML has to fit, with nobody reading yet.
PIPE_BYTES = 1 << 20
# Of a migration.
ENDED = ("completed", "failed", "cancelled")
# What no image and no guest begins with.
NO_GUEST = bytes(8)
F_SETPIPE_SZ = 1031
FIONREAD = 0x541B

asked = json.loads(bytes.fromhex(sys.argv[1]).decode())
folder = asked["folder"].encode("utf-8", "surrogateescape")
image = os.path.join(folder, b"image")
head = base64.b64decode(asked["head"])


class Gone(Exception):
    """libvirt, or QEMU, has given up; with its words, if it was QEMU."""


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
        try:
            data = self.connection.recv(4096)
        except OSError:
            data = b""
        if not data:
            raise ClientGone()
        return data


class Monitor:
    """A QMP monitor, which serves one client at a time."""

    def __init__(self, path, tell=lambda **event: None, within=ANSWER_WITHIN):
        self.tell = tell
        self.last = 0
        self.socket = socket.socket(socket.AF_UNIX)
        try:
            self.socket.settimeout(within)
            self.socket.connect(path)
            self.lines = self.socket.makefile("rb")
            self.read()
            self.execute("qmp_capabilities")
        except Exception:
            self.close()
            raise

    def execute(self, command, arguments=None, fds=()):
        """What it returns. Raises Gone with QEMU's words if it does not, OSError if it says nothing."""
        self.last += 1
        message = {"execute": command, "id": "restore-%d" % self.last}
        if arguments is not None:
            message["arguments"] = arguments
        self.tell(event="command", message=message)
        passed = b"".join(fd.to_bytes(4, sys.byteorder) for fd in fds)
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, passed)] if fds else []
        self.socket.sendmsg([json.dumps(message).encode() + b"\n"], rights)
        while True:
            answer = self.read()
            # Another client may have left without its answer.
            if answer.get("id") != message["id"]:
                continue
            self.tell(event="reply", message=answer)
            if "error" in answer:
                raise Gone(answer["error"]["desc"])
            return answer["return"]

    def read(self):
        line = self.lines.readline()
        if not line:
            raise OSError("QEMU has closed its monitor")
        return json.loads(line.decode())

    def close(self):
        self.socket.close()


class Qemu:
    """The QEMU that libvirt has started for the domain, waiting for its guest."""

    def __init__(self, pid, words):
        self.pid = pid
        self.started = started(pid)
        # libvirt's own folder for this run of the domain; its QEMU's key lies there, and its monitor.
        key = next((word for word in words if b"/master-key.aes" in word), b"")
        folder = key[key.index(b"/") : key.index(b"/master-key.aes")] if key else b""
        self.monitor = os.path.join(folder, b"monitor.sock")

    @staticmethod
    def find():
        for name in os.listdir("/proc"):
            if not name.isdigit():
                continue
            try:
                with open("/proc/%s/cmdline" % name, "rb") as file:
                    words = file.read().split(b"\0")
            except OSError:
                continue
            is_libvirts = any(b"id=charmonitor" in word for word in words)
            if is_libvirts and b"-incoming" in words and asked["uuid"].encode() in words:
                return Qemu(int(name), words)
        return None

    def is_alive(self):
        return self.started is not None and started(self.pid) == self.started

    def end(self):
        if self.is_alive():
            os.kill(self.pid, signal.SIGKILL)
        while self.is_alive():
            time.sleep(LOOK_EVERY)


def started(pid):
    """When the process was started; None if it does not live."""
    try:
        with open("/proc/%d/stat" % pid, "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return None
    return None if fields[0] in (b"Z", b"X") else fields[19]


class Image:
    """The pipe that libvirt takes for a file.

    It reads the head and goes on in the same pipe (libvirt 9), or first only looks at the head, and
    then opens what it takes for a file once more (11). Nothing tells which but what it does. One that is
    quicker to open it again than we are to see that it was closed finds it empty and gives up: for it
    the head lies there twice.
    """

    def __init__(self, is_read_twice):
        self.is_read_twice = is_read_twice
        os.mkfifo(image, 0o600)
        status = os.stat(image)
        self.identity = status.st_dev, status.st_ino
        # With a reader, us, there can be a writer before libvirt comes.
        reader = os.open(image, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        self.writer = self.open_writer()
        self.write(head * 2 if is_read_twice else head[:-1])
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
        if self.is_read_twice:
            self.close_reader()
            return
        self.write(head[-1:])
        # Without a writer, to open it once more takes until there is one.
        self.close()
        end = time.monotonic() + FIRST_LOOK
        while self.has_holder() and time.monotonic() < end and Qemu.find() is None:
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

    def end(self, is_given_up):
        """Nobody opens it any more; who waits for that, or has it open to read, is to see its end."""
        try:
            last = os.open(image, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
            self.fds.append(last)
            os.unlink(image)
            if is_given_up:
                # Of a pipe that only ends QEMU takes no notice.
                os.write(last, NO_GUEST)
        except OSError:
            # The folder is gone.
            pass
        self.close()

    def close_reader(self):
        for fd in self.fds:
            os.close(fd)
        self.fds = []

    def close(self):
        self.close_reader()
        if self.writer is not None:
            os.close(self.writer)
        self.writer = None


def main():
    listener = socket.socket(socket.AF_UNIX)
    try:
        listener.bind(os.path.join(folder, b"control.sock"))
    except OSError as error:
        # There is nobody else to tell it to.
        sys.exit(json.dumps(system_error(error)))
    listener.listen(1)
    listener.settimeout(CLIENT_WITHIN)
    client = Client(listener.accept()[0])
    try:
        is_read_twice = False
        for _ in range(MOST_TRIES):
            result, was_too_late = restore(client, is_read_twice)
            if not was_too_late:
                break
            is_read_twice = not is_read_twice
    except OSError as error:
        # No pipe, or no virsh.
        result = {"status": -1, "said": str(error), "taken": False}
        if error.errno in errno.errorcode:
            result["unable"] = system_error(error)
    leave_word(result)
    client.tell(event="restored", **result)


def system_error(error):
    return {"errno": errno.errorcode[error.errno], "reason": os.strerror(error.errno)}


def leave_word(result):
    """For whoever comes later."""
    path = os.path.join(folder, b"result")
    try:
        with open(path + b".part", "w") as file:
            json.dump(result, file)
        os.rename(path + b".part", path)
    except OSError:
        # Nobody needs it any more, or there is no space: then libvirt's QEMU has to be asked.
        pass


def restore(client, is_read_twice):
    """How it went, and whether libvirt was too quick for us to read the head as often as it wants to."""
    pipe = Image(is_read_twice)
    virsh = subprocess.Popen(
        ["virsh", "-q", "-c", asked["uri"], "restore", image, *asked["options"]],
        env=dict(os.environ, LC_ALL="C"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )

    def is_at_it():
        if virsh.poll() is not None:
            raise Gone()

    def patience():
        if client.says(LOOK_EVERY):
            raise ClientGone()
        is_at_it()

    stage = "head"
    words = ""
    qemu = None
    try:
        pipe.hand_out(patience)
        stage = "waiting"
        while qemu is None:
            patience()
            qemu = Qemu.find()
        client.tell(event="reading", pid=qemu.pid)
        while not client.says(LOOK_EVERY):
            is_at_it()
        is_at_it()
        send_guest(client, pipe.writer)
        stage = "migrating"
        client.tell(event="migrating")
    except ClientGone:
        stage = "given up"
    except (Gone, OSError) as error:
        words = str(error)
    finally:
        pipe.end(stage != "migrating")
    said = virsh.stderr.read().decode("utf-8", "replace")
    status = virsh.wait()
    taken = status == 0
    if stage == "migrating" and not taken:
        taken = bring_home(qemu)
    # It was quicker to open the pipe again than we were to close it, and found it empty.
    too_late = stage in ("head", "waiting") and "failed to read qemu header" in said
    return {"status": status, "said": words or said, "taken": taken}, status != 0 and too_late


def send_guest(client, pipe):
    """Hands the pipe to the instance that has the guest, and has it write into it."""
    source = source_monitor(client.tell)
    try:
        os.set_blocking(pipe, True)
        source.execute("getfd", {"fdname": "restore"}, [pipe])
        try:
            source.execute("migrate", {"uri": "fd:restore"})
        except Gone:
            source.execute("closefd", {"fdname": "restore"})
            raise
        await_begun(source)
    finally:
        source.close()


def await_begun(source):
    """Returns when the source has begun to write, or is not going to: it is not as it ends before.

    Of a pipe that ends empty libvirt's QEMU takes no notice, and waits for ever: until then it is ours to end.
    """
    while True:
        try:
            migration = source.execute("query-migrate")
        except socket.timeout:
            # It lives: what we wrote might come in between.
            return
        # What comes before the RAM has been flushed by then.
        if migration.get("ram", {}).get("transferred", 0) > 0 or migration.get("status") in ENDED:
            return
        time.sleep(LOOK_EVERY)


def source_monitor(tell=lambda **event: None):
    return Monitor(asked["monitor"].encode("utf-8", "surrogateescape"), tell)


def bring_home(qemu):
    """Has the guest go on where it was, if libvirt's QEMU has not run it and never will.

    Whether it has run it; None if that cannot be told.
    """
    try:
        source = source_monitor()
    except (OSError, Gone):
        return None
    try:
        end = time.monotonic() + AFTERMATH
        while qemu.is_alive():
            if time.monotonic() > end:
                return None
            if end_unless_run(qemu):
                return True
        # With nobody to read, what is still being sent fails.
        while source.execute("query-migrate").get("status") not in ENDED:
            if time.monotonic() > end:
                return None
            time.sleep(LOOK_EVERY)
        # It goes on by itself if not all of it was sent.
        if source.execute("query-status")["status"] == "postmigrate" and asked["running"]:
            resume(source, end)
        return False
    except (OSError, Gone):
        return None
    finally:
        source.close()


def resume(source, end):
    """libvirt takes the disks away from QEMU's user when it gives up: to go on it has to have them."""
    while True:
        try:
            source.execute("cont")
            return
        except Gone:
            if asked["owner"] is None or time.monotonic() > end:
                raise
        for path in asked["disks"]:
            os.chown(path.encode("utf-8", "surrogateescape"), *asked["owner"])
        time.sleep(LOOK_EVERY)


def end_unless_run(qemu):
    """Whether libvirt's QEMU has run the guest, as far as it can be asked; if it has not, it never will."""
    try:
        monitor = Monitor(qemu.monitor, within=1)
    except (OSError, Gone):
        # It is ending, or libvirt is there again: then it is libvirt's to say.
        time.sleep(LOOK_EVERY)
        return False
    try:
        # As long as we hold its monitor, nobody sets it running.
        if monitor.execute("query-status")["running"]:
            return True
        qemu.end()
        return False
    finally:
        monitor.close()


main()
