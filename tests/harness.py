# SPDX-License-Identifier: BSD-2-Clause
"""A stack (tests/stack) as an object, and raw HTTP for what no client sends."""
import contextlib
import functools
import json
import os
import pathlib
import re
import shlex
import signal
import socket
import ssl
import subprocess
import time

import apidoc
import httpx
import psycopg2
from httpcore.backends.sync import SyncBackend

TOP = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("TRAINYARD_BUILD", TOP / "build"))
DESCRIPTION = functools.partial(
    apidoc.description, BUILD / "gen/www/openapi.json")
PARTS = ("postgres", "responder", "dispatcher", "nginx")
# Programs with sanitizers need longer for everything.
PATIENCE = float(os.environ.get("TRAINYARD_PATIENCE", "60"))

# What no log may hold at the end of a test module.
SANITIZER = r"(Address|Leak|Thread|UndefinedBehavior)Sanitizer|runtime error:"
FAULTS = {
    "responder.log": re.compile(rf"^<[0-4]>|{SANITIZER}"),
    "dispatcher.log": re.compile(rf"^<[0-4]>|{SANITIZER}"),
    "nginx.log": re.compile(r"\[(emerg|alert|crit)\]"),
    "postgres.log": re.compile(r" (FATAL|PANIC): "),
}
# Tests hold jobs as workers do, and leave them when they are done.
LEFT = ("lease over",)


class PromptBackend(SyncBackend):
    """Debian's httpcore leaves Nagle on: 40 ms for each POST."""

    def connect_tcp(self, *args, **options):
        stream = super().connect_tcp(*args, **options)
        stream.get_extra_info("socket").setsockopt(
            socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return stream


def prompt(client):
    """The same httpx client, on connections that send at once."""
    client._transport._pool._network_backend = PromptBackend()
    return client


class Stack:
    """One folder of tests/stack; its settings are attributes."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.marks = {}

    def up(self, *options):
        self.command("up", "--build", BUILD, *options)
        self.read_env()
        return self

    def down(self):
        """Ends everything; a sanitizer's last words (leaks) are a failure."""
        self.command("down")
        for name in FAULTS:
            words = re.search(
                rf"^.*({SANITIZER})(.*\n?){{,30}}", self.log(name), re.M)
            assert words is None, f"{name}: {words[0]}"

    def start(self, part):
        self.command("start", part)

    def stop(self, part):
        self.command("stop", part)

    def restart(self, part):
        self.command("restart", part)

    def kill9(self, part):
        self.command("kill9", part)

    def freeze(self, part):
        """Stops a process as it stands and waits until every thread has."""
        pid = self.pid(part)
        os.kill(pid, signal.SIGSTOP)
        end = time.monotonic() + PATIENCE
        while any(state != "T" for state in thread_states(pid)):
            assert time.monotonic() < end, f"{part} does not stop"
            time.sleep(0.001)

    def thaw(self, part):
        os.kill(self.pid(part), signal.SIGCONT)

    def command(self, verb, *rest):
        done = subprocess.run(
            [TOP / "tests/stack", verb, self.folder, *rest],
            stdin=subprocess.DEVNULL, capture_output=True, text=True)
        assert done.returncode == 0, f"stack {verb}: {done.stderr}"
        return done.stdout

    def read_env(self):
        for line in (self.folder / "env").read_text().splitlines():
            name, value = shlex.split(line)[1].split("=", 1)
            setattr(self, name.removeprefix("TRAINYARD_").lower(), value)
        self.tls = ssl.create_default_context(cafile=self.ca)
        self.https_port = int(self.url.rsplit(":", 1)[1])
        self.http_port = int(self.http_url.rsplit(":", 1)[1])

    def pid(self, part):
        return int((self.folder / "pids" / part).read_text().split()[0])

    def trainyard(self, *args):
        """Runs the sysadmin's command and returns what it printed."""
        done = subprocess.run(
            [BUILD / "trainyard", "-c", self.conf, *args],
            stdin=subprocess.DEVNULL, capture_output=True, text=True)
        assert done.returncode == 0, f"trainyard {args}: {done.stderr}"
        return done.stdout

    def client(self, token=None, **options):
        """An HTTP client; what it gets is held against the description."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        options.setdefault("timeout", PATIENCE)
        options.setdefault(
            "event_hooks", {"response": [DESCRIPTION().check]})
        return prompt(httpx.Client(
            base_url=self.url, verify=self.tls, headers=headers, **options))

    def connect(self, dsn=None):
        conn = psycopg2.connect(dsn or self.dsn)
        conn.autocommit = True
        return conn

    # -- logs

    def log(self, name):
        path = self.folder / "logs" / name
        return path.read_text(errors="replace") if path.exists() else ""

    def served(self):
        """Requests that came through nginx, without a line under way."""
        whole = self.log("access.log").rpartition("\n")[0]
        return [json.loads(line) for line in whole.splitlines()]

    def mark_logs(self):
        self.marks = {name: len(self.log(name)) for name in FAULTS}

    def log_faults(self, allowed=()):
        """Lines since mark_logs that a healthy run does not write."""
        found = []
        for name, fault in FAULTS.items():
            for line in self.log(name)[self.marks.get(name, 0):].splitlines():
                if fault.search(line) and not any(
                        re.search(pattern, line)
                        for pattern in (*LEFT, *allowed)):
                    found.append(f"{name}: {line}")
        return found

    # -- raw HTTP

    @contextlib.contextmanager
    def connection(self, *, tls=True, port=None, timeout=None):
        """To nginx, for bytes as they are."""
        port = port or (self.https_port if tls else self.http_port)
        with socket.create_connection(
                ("127.0.0.1", port), timeout or PATIENCE) as sock:
            if tls:
                with self.tls.wrap_socket(
                        sock, server_hostname="127.0.0.1") as conn:
                    yield conn
            else:
                yield sock

    def raw(self, data, **options):
        """Sends bytes as they are and returns all that comes back."""
        with self.connection(**options) as conn:
            return exchange(conn, data)


@contextlib.contextmanager
def stack_in(folder, *options):
    """A stack that runs, and is taken down whatever happens."""
    made = Stack(folder)
    try:
        yield made.up(*options)
    finally:
        made.down()


def thread_states(pid):
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            yield (task / "stat").read_text().rpartition(")")[2].split()[0]


def exchange(conn, data):
    """Writes, then reads to the end of the reply."""
    try:
        conn.sendall(data)
    except (BrokenPipeError, ConnectionResetError):
        pass  # refused early: the answer may be there all the same
    got = b""
    while not complete(got):
        try:
            piece = conn.recv(65536)
        except ConnectionResetError:
            break
        if not piece:
            break
        got += piece
    return got


def complete(got):
    """Is there a whole reply?  One without Content-Length ends with EOF."""
    head, sep, body = got.partition(b"\r\n\r\n")
    length = re.search(rb"(?im)^content-length: *(\d+)", head)
    return bool(sep and length and len(body) >= int(length[1]))


class Reply:
    """A reply of HTTP/1.1, taken apart without a library's leniency."""

    def __init__(self, data):
        head, _, self.body = data.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        self.version, status, *_ = first.split(" ")
        self.status_code = int(status)
        self.headers = httpx.Headers(
            [tuple(line.split(": ", 1)) for line in lines])
        self.content = self.body
