"""What a host does for Sidestep.

Sent over an SSH channel when a connection begins and kept nowhere on the host. A line on standard
input is a request, a line on standard output an answer or an event; both are JSON, with bytes in
base64. Each request has a thread of its own, so none waits for another. When standard input ends,
the connection is gone: programs that were run for an answer are killed, locks go, and so do we.

Needs Python 3.6 and its standard library.
"""

import json
import os
import resource
import signal
import sys
import threading
import time

import appenders
import conversations
import files
import listeners
import locks
import processes
import watches
import wire


# The client asks for the time every 10 seconds. A connection may die without anybody being told.
LONGEST_SILENCE = 120


def tell_time(request):
    request.answer(lambda: int(time.time() * 10**6))


# What the reader of requests does itself: it takes no time, and keeps its order.
in_turn = {"append": appenders.append, "close": appenders.close, "clock": tell_time}

operations = {
    "files": files.perform,
    "open_append": appenders.open_append,
    "watch_growth": watches.watch_growth,
    "watch_folder": watches.watch_folder,
    "run": processes.run,
    "start": processes.start,
    "inspect": processes.inspect,
    "send_signal": processes.send_signal,
    "wait_for_exit": processes.wait_for_exit,
    "lock": locks.lock,
    "unlock": locks.unlock,
    "probe": listeners.probe,
    "wait_for_listener": listeners.wait_for_listener,
    "relays": listeners.relays,
    "converse": conversations.converse,
}

requests = {}


def receive(message):
    if "cancel" in message:
        request = requests.get(message["cancel"])
        if request is not None:
            request.cancel()
        return
    request = wire.Request(message.pop("id"))
    name = message.pop("op")
    if name in in_turn:
        try:
            in_turn[name](request, **message)
        except Exception as error:
            wire.send({"id": request.number, "error": wire.fields_of(error)})
        return
    requests[request.number] = request
    threading.Thread(target=serve, args=(request, name, message), daemon=True).start()


def serve(request, name, arguments):
    try:
        request.answer(lambda: operations[name](request, **arguments))
    finally:
        del requests[request.number]


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


def leave(*_):
    processes.kill_all_runs()
    os._exit(0)


def main():
    # As many sockets at once as the host allows.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    signal.signal(signal.SIGALRM, leave)
    wire.send({"facts": facts()})
    for line in sys.stdin.buffer:
        signal.alarm(LONGEST_SILENCE)
        receive(json.loads(line.decode("utf-8")))
    leave()
