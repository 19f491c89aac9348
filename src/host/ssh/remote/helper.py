"""What a host does for Sidestep: file operations, processes, waits, locks.

Sent over an SSH channel when a connection begins and kept nowhere on the host. A line on standard
input is a request, a line on standard output an answer or an event; both are JSON, with bytes in
base64. Each request has a thread of its own, so none waits for another. When standard input ends,
the connection is gone: programs that were run for an answer are killed, locks go, and so do we.

Needs Python 3.6 and its standard library. Paths are bytes here, whatever the locale.
"""

import base64
import errno
import fcntl
import json
import os
import queue
import re
import resource
import select
import selectors
import signal
import socket
import stat
import subprocess
import sys
import threading
import time

# Seconds.
LOOK_EVERY = 0.02
# The kernel's clock for file times ticks in steps of up to 10 ms: what happens in one step has one time.
TIME_STEP = 0.01
# The client says something every 10 seconds. A connection may also die without anybody being told.
LONGEST_SILENCE = 120


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
        self.cancelled = threading.Event()

    def pause(self, seconds):
        if self.cancelled.wait(seconds):
            raise Cancelled()

    def tell(self, event):
        send({"id": self.number, "event": event})


operations = {}


def operation(function):
    operations[function.__name__] = function
    return function


def encode(text):
    return text.encode("utf-8", "surrogateescape")


def decode(name):
    return name.decode("utf-8", "surrogateescape")


def to_base64(data):
    return base64.b64encode(data).decode("ascii")


def is_absent(error):
    return error.errno in (errno.ENOENT, errno.ENOTDIR)


def unless_absent(look, otherwise=None):
    try:
        return look()
    except OSError as error:
        if is_absent(error):
            return otherwise
        raise


# Files


def read_bytes(path):
    with open(path, "rb") as file:
        return file.read()


def write_all(fd, data):
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(fd, rest) :]


def read(path):
    data = unless_absent(lambda: read_bytes(encode(path)))
    return None if data is None else to_base64(data)


def read_each(path, name):
    found = []
    for folder in unless_absent(lambda: os.listdir(encode(path)), []):
        file = os.path.join(encode(path), folder, encode(name))
        data = unless_absent(lambda: read_bytes(file))
        if data is not None:
            found.append([decode(folder), to_base64(data)])
    return found


def write(path, data, mode=0o600):
    """A new file beside the old one, renamed over it."""
    folder = os.path.dirname(encode(path))
    temporary = os.path.join(folder, b"." + os.urandom(16).hex().encode() + b".tmp")
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        try:
            # The umask took its bits off at creation.
            os.fchmod(fd, mode)
            write_all(fd, base64.b64decode(data))
        finally:
            os.close(fd)
        os.rename(temporary, encode(path))
    except BaseException:
        os.unlink(temporary)
        raise


def append(path, data, mode=0o600):
    fd = open_append_file(encode(path), mode)
    try:
        write_all(fd, base64.b64decode(data))
    finally:
        os.close(fd)


def open_append_file(path, mode):
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, mode)


def rename(**ends):
    os.rename(encode(ends["from"]), encode(ends["to"]))


def remove(path):
    # With a slash at its end a link would be followed.
    remove_tree(encode(path).rstrip(b"/") or b"/")


def remove_tree(path):
    try:
        os.unlink(path)
    except IsADirectoryError:
        for name in os.listdir(path):
            remove_tree(os.path.join(path, name))
        unless_absent(lambda: os.rmdir(path))
    except OSError as error:
        if not is_absent(error):
            raise


def mkdir(path, mode=0o700, exclusive=False):
    folder = encode(path)
    try:
        make_folder(folder, mode)
    except FileExistsError:
        if exclusive or not stat.S_ISDIR(os.stat(folder).st_mode):
            raise
        return
    # The umask took its bits off at creation.
    os.chmod(folder, mode)


def make_folder(folder, mode):
    try:
        os.mkdir(folder, mode)
    except FileNotFoundError:
        try:
            make_folder(os.path.dirname(folder.rstrip(b"/")), mode)
        except FileExistsError:
            # Made by another meanwhile.
            pass
        os.mkdir(folder, mode)


def list_names(path):
    return [decode(name) for name in unless_absent(lambda: os.listdir(encode(path)), [])]


def stat_path(path):
    found = unless_absent(lambda: os.stat(encode(path)))
    if found is None:
        return None
    is_file = stat.S_ISREG(found.st_mode)
    return {
        "kind": "file"
        if is_file
        else "directory"
        if stat.S_ISDIR(found.st_mode)
        else "socket"
        if stat.S_ISSOCK(found.st_mode)
        else "other",
        "size": found.st_size,
        # As Node counts it, to the last digit.
        "mtimeMs": found.st_mtime_ns // 10**9 * 1000 + found.st_mtime_ns % 10**9 / 10**6,
        "device": found.st_dev,
        "inode": found.st_ino,
        "mode": stat.S_IMODE(found.st_mode),
        "uid": found.st_uid,
        "executable": is_file
        and found.st_mode & 0o111 != 0
        and os.access(encode(path), os.X_OK),
    }


def realpath(path):
    # realpath(3) of Python invents a path for what is not there.
    if unless_absent(lambda: os.stat(encode(path))) is None:
        return None
    return decode(os.path.realpath(encode(path)))


def free_space(path):
    found = os.statvfs(encode(path))
    return found.f_bavail * found.f_frsize


file_operations = {
    "read": read,
    "readEach": read_each,
    "write": write,
    "append": append,
    "rename": rename,
    "remove": remove,
    "mkdir": mkdir,
    "list": list_names,
    "stat": stat_path,
    "realpath": realpath,
    "freeSpace": free_space,
}


@operation
def files(request, operations):
    results = []
    for each in operations:
        perform = file_operations[each.pop("op")]
        try:
            results.append(perform(**each))
        except (OSError, ValueError) as error:
            # Which one failed is told by the number of those that did not.
            raise Failure(done=len(results), **fields_of(error))
    return results


# Appenders: appends to one file keep their order.


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
        write_all(self.fd, base64.b64decode(data))

    def close(self):
        fd, self.fd = self.fd, None
        os.close(fd)


appenders = {}


@operation
def open_append(request, path, mode):
    appenders[request.number] = Appender(open_append_file(encode(path), mode))
    return request.number


def append_in_turn(request, appender, data):
    appender = appenders[appender]
    appender.take(lambda: answer(request, lambda: appender.write(data)))


def close_in_turn(request, appender):
    appender = appenders.pop(appender)
    appender.take(lambda: answer(request, appender.close))


# Watches


@operation
def watch_growth(request, path, offset):
    file = GrowingFile(encode(path), offset)
    while True:
        for data in file.growth():
            if request.cancelled.is_set():
                raise Cancelled()
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


@operation
def watch_folder(request, path):
    told = look_at_folder(encode(path))
    while True:
        request.pause(LOOK_EVERY)
        now = look_at_folder(encode(path))
        # What changed just now may change again and keep its time: it is told once that has passed.
        if now != told and not (now and 0 <= time.time() - now[0] / 1e9 < TIME_STEP):
            request.tell(None)
            told = now


def look_at_folder(path):
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_dev, found.st_ino


# Processes


def read_stat(pid):
    """State, number of threads and start time; None for a pid that nobody has."""
    try:
        text = read_bytes("/proc/%d/stat" % pid)
    except OSError:
        return None
    # Field 2, the name in parentheses, may itself hold spaces and parentheses.
    fields = text[text.rindex(b")") + 2 :].split(b" ")
    return fields[0].decode(), int(fields[20 - 3]), int(fields[22 - 3])


def has_ended(found):
    """The first thread is a zombie already while others still end, and hold ports and locks."""
    state, threads, _ = found
    return state in "ZX" and threads <= 1


def read_arguments(pid):
    """None if there is no such process; empty for a zombie."""
    try:
        data = read_bytes("/proc/%d/cmdline" % pid)
    except OSError:
        return None
    if not data:
        return []
    return [decode(each) for each in (data[:-1] if data.endswith(b"\0") else data).split(b"\0")]


def is_alive(process):
    # Zero and below would name groups.
    pid = process["pid"]
    if not isinstance(pid, int) or pid <= 0:
        return False
    found = read_stat(pid)
    return found is not None and found[2] == process["startTime"] and not has_ended(found)


def spawn(argv, cwd, env, **stdio):
    try:
        return subprocess.Popen(
            [encode(word) for word in argv],
            cwd=None if cwd is None else encode(cwd),
            env=environment(env),
            start_new_session=True,
            **stdio
        )
    except OSError as error:
        missing_folder = cwd is not None and not os.path.isdir(encode(cwd))
        raise Failure(missingFolder=missing_folder, **fields_of(error))


def environment(added):
    merged = dict(os.environb)
    for key in added:
        merged[encode(key)] = encode(added[key])
    return merged


# Processes that run until they have answered, by request.
running = {}
# Processes we started and have not taken notice of the end of, by pid and start time.
own = {}
processes_lock = threading.Lock()


@operation
def run(request, argv, stdin, cwd, env, timeoutMs):
    child = spawn(
        argv,
        cwd,
        env,
        stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with processes_lock:
        running[request] = child
    if request.cancelled.is_set():
        kill_run(request)
    try:
        out, err = child.communicate(
            None if stdin is None else base64.b64decode(stdin),
            None if timeoutMs is None else timeoutMs / 1000,
        )
    except subprocess.TimeoutExpired:
        kill_run(request)
        raise Failure(timeout=True)
    finally:
        with processes_lock:
            running.pop(request, None)
    status = child.returncode
    return {
        "status": status if status >= 0 else None,
        "killedBy": signal.Signals(-status).name if status < 0 else None,
        "stdout": to_base64(out),
        "stderr": to_base64(err),
    }


def kill_run(request):
    """The program and what it started."""
    with processes_lock:
        if request in running:
            try:
                os.killpg(running[request].pid, signal.SIGKILL)
            except ProcessLookupError:
                pass


@operation
def start(request, argv, cwd, env, outputPath):
    try:
        output = open_append_file(encode(outputPath), 0o600)
    except OSError as error:
        raise Failure(output=True, **fields_of(error))
    try:
        child = spawn(argv, cwd, env, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    finally:
        os.close(output)
    # Until we take notice of its end, its pid is its own.
    _, _, start_time = read_stat(child.pid)
    identity = {
        "pid": child.pid,
        "startTime": start_time,
        "argv": read_arguments(child.pid) or argv,
    }
    with processes_lock:
        own[child.pid, start_time] = child
    threading.Thread(target=take_notice, args=(child, start_time), daemon=True).start()
    return identity


def take_notice(child, start_time):
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    with processes_lock:
        child.wait()
        del own[child.pid, start_time]


@operation
def inspect(request, pids):
    return [inspect_process(pid) for pid in pids]


def inspect_process(pid):
    found = read_stat(pid) if pid > 0 else None
    if found is None or has_ended(found):
        return None
    argv = read_arguments(pid)
    try:
        status = read_bytes("/proc/%d/status" % pid)
    except OSError:
        return None
    uid = re.search(rb"^Uid:\t\d+\t(\d+)", status, re.M)
    if argv is None or uid is None:
        return None
    return {
        "pid": pid,
        "startTime": found[2],
        "argv": argv,
        "cwd": read_link("/proc/%d/cwd" % pid),
        "exe": read_link("/proc/%d/exe" % pid),
        "uid": int(uid.group(1)),
        "startedAt": boot_time() + found[2] * 10**6 // os.sysconf("SC_CLK_TCK"),
        "state": found[0],
    }


def read_link(path):
    try:
        return decode(os.readlink(encode(path)))
    except OSError:
        # Another user's, or a kernel thread's, which has none.
        return None


def boot_time():
    return int(re.search(rb"^btime (\d+)$", read_bytes("/proc/stat"), re.M).group(1)) * 10**6


@operation
def send_signal(request, process, name):
    pid = process["pid"]
    # None of our children's end is taken notice of meanwhile.
    with processes_lock:
        # A wrapper script execs what it wraps, so a child's command line changes; that it is our
        # child proves more than the command line does.
        is_own = (pid, process["startTime"]) in own
        if not is_own and read_arguments(pid) != process["argv"]:
            return False
        fd = open_pidfd(pid)
        try:
            # Looked at after it was opened: it is the same process from then on.
            if not is_alive(process):
                return False
            if fd is None:
                os.kill(pid, signal.Signals[name])
            else:
                signal.pidfd_send_signal(fd, signal.Signals[name])
            return True
        except ProcessLookupError:
            return False
        finally:
            if fd is not None:
                os.close(fd)


def open_pidfd(pid):
    """None where there are no such descriptors (Python 3.9, Linux 5.3), or no such process."""
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError, TypeError, OverflowError):
        return None


@operation
def wait_for_exit(request, process):
    fd = open_pidfd(process["pid"])
    try:
        end = select.poll()
        if fd is not None:
            end.register(fd, select.POLLIN)
        while is_alive(process):
            if fd is None:
                request.pause(0.01)
            else:
                end.poll(200)
                request.pause(0)
    finally:
        if fd is not None:
            os.close(fd)


# Locks


locks = {}


@operation
def lock(request, path):
    fd = os.open(encode(path), os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    except OSError:
        os.close(fd)
        raise
    locks[request.number] = fd
    return request.number


@operation
def unlock(request, lock):
    fd = locks.pop(lock)
    # A program on its way from fork to exec still shares the open file.
    fcntl.flock(fd, fcntl.LOCK_UN)
    os.close(fd)


# Listeners


def new_socket(endpoint):
    """A socket, and the address to be connected to."""
    if "unix" in endpoint:
        return socket.socket(socket.AF_UNIX), encode(endpoint["unix"])
    family, kind, protocol, _, address = socket.getaddrinfo(
        endpoint["host"], endpoint["port"], 0, socket.SOCK_STREAM
    )[0]
    return socket.socket(family, kind, protocol), address


@operation
def probe(request, endpoint):
    """Connects, and says how that fails."""
    sock, address = new_socket(endpoint)
    with sock:
        sock.settimeout(5)
        sock.connect(address)


@operation
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
        if is_bound_listener(path):
            return True
        if untouched:
            return False
    try:
        probe(None, endpoint)
        return True
    except (ConnectionRefusedError, FileNotFoundError, BlockingIOError):
        return False


def is_bound_listener(path):
    """
    Whether the kernel's table of sockets has one that was bound to this path and listens
    (SO_ACCEPTCON). It has the path that was bound: a socket renamed since is not found.
    """
    table = read_bytes("/proc/net/unix")
    end = b" " + path + b"\n"
    at = table.find(end)
    while at >= 0:
        line = table[table.rfind(b"\n", 0, at) + 1 : at + 1]
        if re.search(rb" \w{8} \w{8} 00010000 \w{4} \w{2} +\d+ $", line):
            return True
        at = table.find(end, at + 1)
    return False


@operation
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


@operation
def converse(request, conversations, timeoutMs):
    end = time.monotonic() + timeoutMs / 1000
    talks = [Talk(each) for each in conversations]
    with selectors.DefaultSelector() as selector:
        waiting = [talk for talk in talks if not talk.connect(selector)]
        while (waiting or selector.get_map()) and time.monotonic() < end:
            request.pause(0)
            # A listener whose queue is full tells nobody when that changes.
            patience = 0.005 if waiting else 0.1
            for key, _ in selector.select(min(patience, max(0, end - time.monotonic()))):
                key.data.go_on(selector)
            waiting = [talk for talk in waiting if not talk.connect(selector)]
        for talk in talks:
            talk.sock.close()
    return [talk.lines for talk in talks]


class Talk:
    """One conversation. Its lines are None while, and if, nobody listens."""

    def __init__(self, conversation):
        self.to_send = encode(conversation["send"])
        self.wanted = conversation["lines"]
        self.received = b""
        self.lines = None
        self.sock, self.address = socket.socket(), None
        try:
            self.sock.close()
            self.sock, self.address = new_socket(conversation["endpoint"])
            self.sock.setblocking(False)
        except OSError:
            pass

    def connect(self, selector):
        """False if it is to be tried again."""
        try:
            self.sock.connect(self.address)
        except BlockingIOError as error:
            if error.errno == errno.EAGAIN:
                # Somebody listens, and has no place in the queue (QEMU's monitors queue one client).
                self.lines = []
                return False
        except (OSError, TypeError):
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
        self.sock.close()

    def receive(self):
        data = self.sock.recv(1 << 20)
        if not data:
            raise EOFError()
        *lines, self.received = (self.received + data).split(b"\n")
        for line in lines[: self.wanted - len(self.lines)]:
            text = line[:-1] if line.endswith(b"\r") else line
            self.lines.append(text.decode("utf-8", "replace"))


# The conversation with the client


def micros():
    return int(time.time() * 10**6)


def facts():
    uid = os.geteuid()
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if not os.path.isabs(runtime):
        # An sshd without PAM does not name it.
        runtime = "/run/user/%d" % uid
    is_ours = os.path.isdir(runtime) and os.stat(runtime).st_uid == uid
    shared = "/dev/shm"
    return {
        "uid": uid,
        "runtimeDir": runtime if is_ours else None,
        "sharedMemoryDir": shared if os.access(shared, os.W_OK | os.X_OK) else None,
    }


def clock_in_turn(request):
    send({"id": request.number, "result": micros()})


# What the reader of requests does itself: it takes no time, or keeps an order.
in_turn = {"append": append_in_turn, "close": close_in_turn, "clock": clock_in_turn}

requests = {}
output_lock = threading.Lock()


def send(message):
    line = json.dumps(message, separators=(",", ":")).encode("ascii") + b"\n"
    with output_lock:
        try:
            write_all(1, line)
        except OSError:
            leave()


def fields_of(error):
    """What the client makes an error of."""
    if isinstance(error, OSError) and error.errno in errno.errorcode:
        reason = os.strerror(error.errno)
        return {
            "errno": errno.errorcode[error.errno],
            "reason": reason[:1].lower() + reason[1:],
        }
    return {"reason": str(error) or type(error).__name__}


def answer(request, perform):
    try:
        send({"id": request.number, "result": perform()})
    except Cancelled:
        pass
    except Failure as failure:
        send({"id": request.number, "error": failure.fields})
    except Exception as error:
        send({"id": request.number, "error": fields_of(error)})
    finally:
        requests.pop(request.number, None)


def receive(message):
    if "cancel" in message:
        request = requests.get(message["cancel"])
        if request is not None:
            request.cancelled.set()
            kill_run(request)
        return
    request = Request(message.pop("id"))
    name = message.pop("op")
    if name in in_turn:
        try:
            in_turn[name](request, **message)
        except Exception as error:
            send({"id": request.number, "error": fields_of(error)})
        return
    requests[request.number] = request
    perform = operations[name]
    threading.Thread(
        target=answer, args=(request, lambda: perform(request, **message)), daemon=True
    ).start()


def leave(*_):
    for request in list(running):
        kill_run(request)
    os._exit(0)


def main():
    # As many sockets at once as the host allows.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    signal.signal(signal.SIGALRM, leave)
    send({"facts": facts()})
    for line in sys.stdin.buffer:
        signal.alarm(LONGEST_SILENCE)
        receive(json.loads(line.decode("utf-8")))
    leave()


main()
