# SPDX-License-Identifier: BSD-2-Clause
"""Many clients at once, each of which insists until it is answered."""
import contextlib
import http.client
import threading
import time
from json import dumps

import httpx

from harness import PATIENCE, stack_in

WORKSPACE = "/api/v1/org/acme/ws/main"
JOBS = f"{WORKSPACE}/training/jobs"
# What a client may take for "ask again": away, busy, on its way.
AGAIN = (409, 502, 503, 504)
# What logs may hold when PostgreSQL goes away and comes back, for
# EXPECTED_LOG; whatever else is there is a fault.
AWAY = [
    "could not connect to the database: ",
    "connection to the database lost statement=",
    "lost the connection that hears of changed tokens",
    "the database is away; jobs go on",
    "FATAL:  terminating connection due to ",
    "FATAL:  the database system is ",
    'FATAL:  lock file "postmaster.pid" already exists',
    "FATAL:  connection to client lost",
]


@contextlib.contextmanager
def running_stack(folder, *options):
    """A stack without limits and with what hosted jobs refer to."""
    with stack_in(folder, "--rate-limit", "off", "--set", "queue_quota=0",
                  *options) as stack:
        with stack.client(stack.token) as client:
            for path in ("capability/assistant/1.2.0", "dataset/rows/1"):
                reply = client.put(f"{WORKSPACE}/artifacts/{path}",
                                   content=b'{"prompt": "a"}\n')
                assert reply.status_code == 201, reply.text
        stack.mark_logs()
        yield stack


def job_body(name):
    return {"name": name, "model": "meta-llama/Llama-3.1-8B-Instruct",
            "capability_ref": {"name": "assistant", "version": "1.2.0"},
            "backend": "tinker", "trainer_type": "sft",
            "config": {"dataset_ref": {"name": "rows", "version": "1"}}}


def create(client, key):
    """One attempt to make the job that belongs to a key."""
    return client.post(JOBS, json=job_body(key),
                       headers={"Idempotency-Key": key})


def insist(attempt, seen=None):
    """Repeats a request until it is answered; its reply.

    seen collects what came instead: statuses and names of exceptions.
    """
    end = time.monotonic() + PATIENCE
    while True:
        try:
            reply = attempt()
        except httpx.TransportError as error:
            what = type(error).__name__
        else:
            if reply.status_code not in AGAIN:
                return reply
            what = reply.status_code
        if seen is not None:
            seen.append(what)
        assert time.monotonic() < end, f"no answer, only {what}"
        time.sleep(0.02)  # as a client does that is told to ask again


class Crowd:
    """Threads that run until they are told to stop; their faults are ours."""

    def __init__(self):
        self.stopping = threading.Event()
        self.news = threading.Condition()
        self.done = 0
        self.faults = []
        self.threads = []

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.stopping.set()
        for thread in self.threads:
            thread.join()
        if exc[0] is None and self.faults:
            raise self.faults[0]

    def start(self, function, *args):
        thread = threading.Thread(target=self.run, args=(function, args))
        self.threads.append(thread)
        thread.start()

    def run(self, function, args):
        try:
            function(*args)
        except BaseException as error:
            with self.news:
                self.faults.append(error)
                self.news.notify_all()

    def tell(self):
        """One more is done."""
        with self.news:
            self.done += 1
            self.news.notify_all()

    def await_more(self, count):
        """Returns when that many more are done."""
        with self.news:
            goal = self.done + count
            assert self.news.wait_for(
                lambda: self.faults or self.done >= goal, PATIENCE), \
                f"{self.done} of {goal} done"
            if self.faults:
                raise self.faults[0]


def query(stack, sql, *values, dsn=None):
    """All rows if any, as the schema's owner if nobody else is named."""
    with contextlib.closing(stack.connect(dsn)) as conn:
        with conn.cursor() as cur:
            cur.execute(sql, values)
            return cur.fetchall() if cur.description else []


class Wire:
    """One kept connection that sends without delay: httpx waits for each ACK.

    Looks like an httpx.Client as far as the tests under load need it.
    """

    def __init__(self, stack, token=None):
        self.conn = http.client.HTTPSConnection(
            "127.0.0.1", stack.https_port, timeout=PATIENCE, context=stack.tls)
        self.headers = {"Authorization": f"Bearer {token or stack.token}",
                        "Content-Type": "application/json"}

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.conn.close()

    def request(self, method, path, body=None, headers=()):
        try:
            self.conn.request(method, path, body,
                              {**self.headers, **dict(headers)})
            reply = self.conn.getresponse()
            content = reply.read()
        except (OSError, http.client.HTTPException) as error:
            self.conn.close()
            raise httpx.TransportError(repr(error)) from error
        return httpx.Response(reply.status, headers=reply.getheaders(),
                              content=content)

    def get(self, path):
        return self.request("GET", path)

    def post(self, path, json, headers=()):
        return self.request("POST", path, dumps(json), headers)
