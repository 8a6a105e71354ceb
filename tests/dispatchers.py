# SPDX-License-Identifier: BSD-2-Clause
"""A cluster, a site in it, its dispatchers and its jobs."""
import contextlib
import errno
import itertools
import json
import os
import pathlib
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
import uuid

import psycopg2

from command import Command
from harness import thread_states

TOP = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("TRAINYARD_BUILD", TOP / "build"))
RUNNER = pathlib.Path(__file__).with_name("engines") / "runner.py"
# Programs with sanitizers need longer for everything.
PATIENCE = float(os.environ.get("TRAINYARD_PATIENCE", "60"))
names = itertools.count(1)


def clean_env():
    return {k: v for k, v in os.environ.items() if not k.startswith("PG")}


class Cluster:
    """PostgreSQL in a folder of its own, with one migrated database."""

    def __init__(self):
        self.process = subprocess.Popen(
            [TOP / "tests/unit/with-pg", "--bare", "sh", "-c",
             'echo "$TRAINYARD_TEST_CLUSTER"; echo "$TRAINYARD_TEST_PG"; cat'],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=clean_env())
        self.folder = self.process.stdout.readline().strip()
        self.script = self.process.stdout.readline().strip()
        assert self.folder, "no cluster"
        conf = pathlib.Path(self.folder) / "migrate.conf"
        conf.write_text(
            f'database_owner = "{self.dsn("trainyard_owner", "trainyard")}"\n')
        subprocess.run(
            [BUILD / "trainyard", "-c", conf, "migrate", "--dir",
             TOP / "sql/migrations"], check=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL)

    def dsn(self, user, database):
        return f"host={self.folder} dbname={database} user={user}"

    def connect(self, user, database):
        conn = psycopg2.connect(self.dsn(user, database))
        conn.autocommit = True
        return conn

    def server(self, verb):
        """--stop, --start or --kill."""
        subprocess.run([self.script, verb], check=True,
                       stdin=subprocess.DEVNULL, env={
                           **clean_env(),
                           "TRAINYARD_TEST_CLUSTER": self.folder})

    def database(self):
        name = f"site{next(names)}"
        with contextlib.closing(self.connect("postgres", "postgres")) as conn:
            conn.cursor().execute(
                f"create database {name} template trainyard "
                "owner trainyard_owner")
        return name

    def drop(self, name):
        with contextlib.closing(self.connect("postgres", "postgres")) as conn:
            conn.cursor().execute(f"drop database {name} with (force)")

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(PATIENCE)


class Dispatcher:
    """A trainyardd whose log lines can be waited for."""

    def __init__(self, site, settings, env):
        self.lines = []
        self.news = threading.Condition()
        conf = site.folder / f"conf{next(names)}"
        conf.write_text("".join(f"{k} = {v}\n" for k, v in settings.items()))
        self.process = subprocess.Popen(
            [BUILD / "trainyardd", "-c", conf], stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True, errors="replace",
            env={"PATH": os.environ["PATH"], "HOME": str(site.folder)} | {
                k: v for k, v in os.environ.items() if "SAN_OPTIONS" in k}
            | env)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        with self.process.stderr:
            for line in self.process.stderr:
                with self.news:
                    self.lines.append(line)
                    self.news.notify_all()
        with self.news:
            self.lines.append(None)
            self.news.notify_all()

    def await_line(self, *words, since=0):
        """The first line with all these words; its place."""
        end = time.monotonic() + PATIENCE
        at = since
        with self.news:
            while True:
                while at < len(self.lines):
                    line = self.lines[at]
                    if line is not None and all(w in line for w in words):
                        return at
                    at += 1
                assert not self.lines or self.lines[-1] is not None, \
                    f"ended before {words}: {self.text()}"
                assert self.news.wait(end - time.monotonic()), \
                    f"never {words}: {self.text()}"

    def text(self):
        return "".join(line for line in self.lines if line)

    def has(self, *words):
        return any(line and all(w in line for w in words)
                   for line in self.lines)

    def kill(self, number):
        self.process.send_signal(number)

    def end(self, number=signal.SIGTERM):
        """Sends a signal and waits for the end; the exit status."""
        self.process.send_signal(number)
        status = self.process.wait(PATIENCE)
        self.reader.join(PATIENCE)
        return status

    def stop_clock(self):
        """SIGSTOP, and certainly stopped."""
        self.process.send_signal(signal.SIGSTOP)
        while any(s != "T" for s in thread_states(self.process.pid)):
            pass


class Gate:
    """Where a runner waits for the test."""

    def __init__(self, path):
        self.path = str(path)
        os.mkfifo(self.path + ".here")
        os.mkfifo(self.path + ".go")

    def reached(self):
        """Returns when the runner is there."""
        here = os.open(self.path + ".here", os.O_RDONLY | os.O_NONBLOCK)
        with open(here) as runner:
            assert select.select([runner], [], [], PATIENCE)[0], "no runner"
        return self

    def open(self):
        end = time.monotonic() + PATIENCE
        while True:
            try:
                go = os.open(self.path + ".go", os.O_WRONLY | os.O_NONBLOCK)
                break
            except OSError as e:
                # nobody has it open for reading
                if e.errno != errno.ENXIO or time.monotonic() > end:
                    raise
                time.sleep(0.01)
        with open(go, "w") as runner:
            runner.write("go")


class Site:
    """One database with an organisation, and what works on it."""

    def __init__(self, cluster, folder):
        self.cluster = cluster
        self.folder = pathlib.Path(folder)
        self.name = cluster.database()
        self.data = self.folder / "data"
        self.data.mkdir()
        self.dispatchers = []
        self.db = cluster.connect("trainyard_owner", self.name)
        self.command = Command(
            self.folder, cluster.dsn("trainyard_owner", self.name))
        self.org, self.ws, self.user = (str(uuid.uuid4()) for _ in range(3))
        self.run("insert into trainyard.organization (id, key, name,"
                 " webhook_secret) values (%s, 'acme', 'Acme', 'whsec_eA==')",
                 self.org)
        self.run("insert into trainyard.account (id, email, username)"
                 " values (%s, 'ada@acme.example', 'ada')", self.user)
        self.run("insert into trainyard.workspace (id, organization_id, key,"
                 " name, is_default) values (%s, %s, 'main', 'Main', true)",
                 self.ws, self.org)

    # -- the database

    def reconnect(self):
        self.db = self.cluster.connect("trainyard_owner", self.name)

    def run(self, sql, *args):
        with self.db.cursor() as cur:
            cur.execute(sql, args)
            return cur.fetchall() if cur.description else []

    def one(self, sql, *args):
        return self.run(sql, *args)[0]

    def value(self, sql, *args):
        return self.run(sql, *args)[0][0]

    def await_sql(self, sql, *args):
        """Waits until the query's one value is true."""
        end = time.monotonic() + PATIENCE
        while True:
            got = self.run(sql, *args)
            if got and got[0][0]:
                return got[0][0]
            assert time.monotonic() < end, \
                f"never {sql} {args}: {got}\n" + "\n".join(
                    d.text() for d in self.dispatchers)
            time.sleep(0.01)

    def break_connections(self):
        """Ends every connection of the dispatchers in the server."""
        with contextlib.closing(
                self.cluster.connect("postgres", self.name)) as conn:
            conn.cursor().execute(
                "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
                " where datname = current_database()"
                " and usename = 'trainyard_dispatch'")

    # -- dispatchers

    def settings(self, **extra):
        return {
            "database_dispatcher": '"%s"' % self.cluster.dsn(
                "trainyard_dispatch", self.name),
            "data_dir": self.data, "poll_ms": 200, "lease_seconds": 30,
            "grace_seconds": 30, "drain_seconds": 10, "slots": 4,
            "runner_judge": BUILD / "trainyard-judge",
            "runner_tinker_sft": f"{sys.executable} {RUNNER}",
            "runner_tinker_rl": '""', "runner_ray_grpo": '""',
        } | extra

    def dispatcher(self, ready=True, env=None, **extra):
        made = Dispatcher(self, self.settings(**extra), env or {})
        self.dispatchers.append(made)
        if ready:
            made.await_line("ready worker=")
        return made

    # -- jobs

    def gate(self):
        return Gate(self.folder / f"gate{next(names)}")

    def job(self, *steps, timeout=3600, kind="tinker_sft", priority=0,
            **config):
        """Queues a hosted job whose runner does these steps."""
        job = str(uuid.uuid4())
        self.run(
            "insert into trainyard.job (workspace_id, id, organization_id,"
            " face, kind, status, priority, timeout_seconds, created_by,"
            " queued_at, config, model, capability_id, capability_name,"
            " capability_version, project_key) values (%s, %s, %s, 'hosted',"
            " %s, 'queued', %s, %s, %s, now(), %s, 'trainyard/tiny-llama',"
            " %s, 'default', '1', 'default')", self.ws, job, self.org, kind,
            priority, timeout, self.user,
            json.dumps({"steps": list(steps), **config}), str(uuid.uuid4()))
        self.notify("trainyard_job", "")
        return job

    def notify(self, channel, payload):
        self.run("select pg_notify(%s, %s)", channel, payload)

    def cancel(self, job):
        """By the same functions as the API."""
        self.command.run("job", "cancel", job)

    def retry(self, job):
        self.command.run("job", "retry", job)

    def status(self, job):
        return self.value("select status from trainyard.job where id = %s",
                          job)

    def await_status(self, job, status):
        self.await_sql("select status = %s from trainyard.job where id = %s",
                       status, job)

    def under_way(self, job, gate):
        """The runner waits at the gate, and its first event is recorded."""
        gate.reached()
        self.await_sql("select status not in ('queued', 'claimed',"
                       " 'preparing') from trainyard.job where id = %s", job)

    def attempts(self, job):
        return self.run("select number, status from trainyard.attempt"
                        " where job_id = %s order by number", job)

    def logs(self, job, level=None):
        return [m for lv, m in self.run(
            "select level, message from trainyard.job_log where job_id = %s"
            " order by seq", job) if level in (None, lv)]

    def statuses(self, job):
        """The history of the job's statuses."""
        return [s for s, in self.run(
            "select to_status from trainyard.job_event where job_id = %s"
            " and to_status is not null order by seq", job)]

    def workdir(self, job, attempt=1):
        return self.data / "work" / job / str(attempt)

    def keeper(self, job, attempt=1):
        """Process ids of keeper and runner.

        The keeper notes them while the runner is already at work.
        """
        path = self.workdir(job, attempt) / "keeper"
        end = time.monotonic() + PATIENCE
        while not path.exists():
            assert time.monotonic() < end, f"no {path}"
            time.sleep(0.001)
        text = path.read_text().split()
        return int(text[0]), int(text[1])

    def close(self):
        for d in self.dispatchers:
            if d.process.poll() is None:
                d.kill(signal.SIGCONT)
                d.kill(signal.SIGKILL)
                d.process.wait()
            d.reader.join(PATIENCE)
        # runners that a test left behind
        for lock in self.data.glob("work/*/*/keeper"):
            with contextlib.suppress(OSError, ValueError, IndexError):
                keeper, group = map(int, lock.read_text().split()[:2])
                if alive(keeper):
                    os.kill(keeper, signal.SIGQUIT)
        self.db.close()
        self.cluster.drop(self.name)
        shutil.rmtree(self.data, ignore_errors=True)


def alive(pid):
    """Is there such a process, and no zombie?"""
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def await_gone(pid):
    """Waits for the end of a process that is not our child."""
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        assert select.select([fd], [], [], PATIENCE)[0], f"{pid} stays"
    finally:
        os.close(fd)
