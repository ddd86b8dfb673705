"""The AWS CLI without its start, most of which goes into loading Python's modules.

    warm-aws.py serve SOCKET SCRIPT    loads the CLI, says "ready", and serves until its standard input ends
    warm-aws.py run SOCKET ARGUMENT…   is the CLI: same folder, environment, standard streams, and exit status

Each command runs in a process of its own, forked from the one that serves: SCRIPT, whole, as whoever types it would.
"""

import os
import socket
import sys

ROOM = 1 << 20


def run(path, arguments):
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(path)
        environment = [part for item in os.environb.items() for part in item]
        parts = [os.getcwdb(), str(len(arguments)).encode(), *map(os.fsencode, arguments), *environment]
        socket.send_fds(server, [b"\0"], [0, 1, 2])
        server.sendall(b"\0".join(parts))
        server.shutdown(socket.SHUT_WR)
        status = server.recv(1)
    return status[0] if status else 255


def serve(path, script):
    import select
    import signal

    with open(script) as file:
        code = compile(file.read(), script, "exec")
    before = dict(os.environ)
    import awscli.clidriver

    # Where its own data are, which it notes in the environment.
    noted = {name: value for name, value in os.environ.items() if before.get(name) != value}
    # Loads what it loads only when it is asked for something.
    awscli.clidriver.create_clidriver()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen(64)
        print("ready", flush=True)
        while True:
            readable, _, _ = select.select([listening, sys.stdin], [], [])
            if sys.stdin in readable:
                return 0
            client, _ = listening.accept()
            if os.fork() == 0:
                listening.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                client.sendall(bytes([answer(client, code, script, noted) & 255]))
                os._exit(0)
            client.close()


def answer(client, code, script, noted):
    import time

    _, streams, _, _ = socket.recv_fds(client, 1, 3)
    told = b"".join(iter(lambda: client.recv(ROOM), b"")).split(b"\0")
    folder, count, rest = told[0], int(told[1]), told[2:]
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environb.clear()
    os.environb.update(zip(rest[count::2], rest[count + 1 :: 2]))
    os.environ.update(noted)
    time.tzset()
    sys.argv = [script, *map(os.fsdecode, rest[:count])]
    status = 0
    try:
        exec(code, {"__name__": "__main__", "__file__": script})
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    return status


if __name__ == "__main__":
    _, role, path, *rest = sys.argv
    sys.exit(run(path, rest) if role == "run" else serve(path, *rest))
