"""Processes: those of the host, by /proc, and those we start."""

import os
import re
import select
import signal
import subprocess
import threading

from data import decode, encode, from_base64, read_bytes, to_base64
from files import open_append_file, perform
from wire import Failure, fields_of


def read_stat(pid):
    """State, number of threads and start time; None for a pid that nobody has."""
    # Zero and below would name groups.
    if not isinstance(pid, int) or pid <= 0:
        return None
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
    found = read_stat(process["pid"])
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
_running = {}
# Processes we started and have not taken notice of the end of, by pid and start time.
_own = {}
# How those of them ended that have, for whoever asks later.
_exits = {}
_lock = threading.Lock()


def run(request, argv, stdin, cwd, env, timeoutMs, follow):
    child = spawn(
        argv,
        cwd,
        env,
        stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with _lock:
        _running[request] = child
    request.on_cancel(lambda: kill_run(request))
    if follow:
        # `communicate` does not collect what it does not see.
        stdout, child.stdout = child.stdout, None
        teller = threading.Thread(target=tell_output, args=(request, stdout), daemon=True)
        teller.start()
    try:
        out, err = child.communicate(
            None if stdin is None else from_base64(stdin),
            None if timeoutMs is None else timeoutMs / 1000,
        )
    except subprocess.TimeoutExpired:
        kill_run(request)
        raise Failure(timeout=True)
    finally:
        with _lock:
            _running.pop(request, None)
    if follow:
        teller.join()
    output = {"stdout": to_base64(out or b""), "stderr": to_base64(err)}
    return dict(exit_of(child.returncode), **output)


def exit_of(status):
    return {
        "status": status if status >= 0 else None,
        "killedBy": signal.Signals(-status).name if status < 0 else None,
    }


def tell_output(request, stdout):
    with stdout:
        while True:
            data = os.read(stdout.fileno(), 65536)
            if not data:
                return
            request.tell(to_base64(data))


def kill_run(request):
    """The program and what it started."""
    with _lock:
        if request in _running:
            try:
                os.killpg(_running[request].pid, signal.SIGKILL)
            except ProcessLookupError:
                pass


def kill_all_runs():
    for request in list(_running):
        kill_run(request)


def start(request, first, argv, cwd, env, outputPath):
    perform(request, first)
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
    identity = {"pid": child.pid, "startTime": start_time, "argv": argv}
    # Within execve(2) there is a moment without arguments.
    while is_alive(identity):
        started = read_arguments(child.pid)
        if started:
            identity["argv"] = started
            break
    with _lock:
        _own[child.pid, start_time] = child
    threading.Thread(target=take_notice, args=(child, start_time), daemon=True).start()
    return identity


def take_notice(child, start_time):
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    with _lock:
        _exits[child.pid, start_time] = exit_of(child.wait())
        del _own[child.pid, start_time]


def inspect(request, pids):
    return [inspect_process(pid) for pid in pids]


def inspect_process(pid):
    found = read_stat(pid)
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


def send_signal(request, process, name):
    if not is_alive(process):
        return False
    pid = process["pid"]
    # None of our children's end is taken notice of meanwhile.
    with _lock:
        # A wrapper script execs what it wraps, so a child's command line changes; that it is our
        # child proves more than the command line does.
        is_own = (pid, process["startTime"]) in _own
        if not is_own and not (process["argv"] and read_arguments(pid) == process["argv"]):
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
    except (AttributeError, OSError):
        return None


def wait_for_exit(request, process):
    """How it ended; None for one that is not our child."""
    key = process["pid"], process["startTime"]
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
    with _lock:
        child = _own.get(key)
        return exit_of(child.wait()) if child is not None else _exits.get(key)
