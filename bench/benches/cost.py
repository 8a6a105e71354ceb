# SPDX-License-Identifier: BSD-2-Clause
"""What a job costs while it lives, and whether that predicts many of them."""

import dataclasses
import json
import os
import time

from . import hosted, judge as judges, scale

LEASE = 3       # seconds; a beat is a third of it
SETTLE = 11     # an idle session of PostgreSQL counts its work after 10 s
KINDS = ("tinker_sft", "tinker_rl", "ray_grpo")
LIVES = 80      # jobs of a kind that begin and end
RUNNING = 20    # jobs, while costs are measured
STEPS = 40      # of each
JUDGED = 10     # jobs of one judge, one after the other
EPOCHS = 10
# as trainyard-runner reports a step of SFT; a line as programs write them
RUNNER = r"""#!/bin/sh
printf '{"event_type":"training_start"}\n'
while read -r _ <@folder@/go; do
	. @folder@/plan
	i=0
	while [ $i -lt $steps ]; do
		i=$((i + 1)) j=0
		while [ $j -lt $lines ]; do
			j=$((j + 1))
			echo "step $i: 8 sequences, 1234 tokens, 0.731 s, 11.2 GiB of memory, gradient 0.42"
		done
		[ $events = 0 ] || printf '{"event_type":"step_complete","data":{"step":%d},"metrics":{"steps":[%d],"train/loss":[2.345678],"train/learning_rate":[0.0001]}}\n' $i $i
		sleep $pause
	done
	[ $end = 0 ] || break
done
printf '{"event_type":"training_end"}\n'
"""
STEP = {"event_type": "step_complete", "data": {"step": 1}, "metrics": {
    "steps": [1], "train/loss": [2.345678], "train/learning_rate": [0.0001]}}
READ = """
select pg_current_wal_insert_lsn() - '0/0'::pg_lsn,
       (select xact_commit from pg_stat_database
         where datname = current_database()),
       (select sum(n_tup_ins) from pg_stat_user_tables),
       (select sum(n_tup_ins) from pg_stat_user_tables
         where relname = 'job_metric'),
       (select sum(pg_total_relation_size(c.oid)) from pg_class c
         where c.relnamespace = 'trainyard'::regnamespace
           and c.relkind = 'r')
"""


@dataclasses.dataclass
class Meter:
    """Counters of a site; the difference of two is what something cost."""
    at: float = 0
    requests: float = 0
    web_in: float = 0       # bytes on the wire, of clients, with TLS and TCP
    web_out: float = 0
    db_in: float = 0        # of the database's host
    db_out: float = 0
    commits: float = 0
    wal: float = 0
    rows: float = 0         # inserted
    events: float = 0       # rows of job_metric
    disk: float = 0

    def plus(self, other, times: float):
        return Meter(*(a + times * b for a, b in zip(
            dataclasses.astuple(self), dataclasses.astuple(other))))

    def over(self, n: float):
        return Meter().plus(self, 1 / n)


def wire(space: str, name: str) -> tuple:
    """Bytes that came in and went out."""
    import hosts  # pylint: disable=import-outside-toplevel,import-error
    link, = json.loads(hosts.ip("-n", space, "-s", "-j", "link", "show", name))
    return link["stats64"]["rx"]["bytes"], link["stats64"]["tx"]["bytes"]


def look(made) -> Meter:
    asked = made.query.asked
    (wal, commits, rows, events, disk), = made.query(READ)
    db_in, db_out = wire(made.db.space, "data")
    web_out, web_in = wire(made.client, "web")
    return Meter(time.monotonic(), sum(
        host.log("access.log").count("\n") for host in made.hosts),
        web_in, web_out, db_in, db_out, float(commits) - asked, float(wal),
        float(rows), float(events), float(disk))


class Costs:
    """Measures one thing after the other, without what goes on anyhow."""

    def __init__(self, ctx, made):
        self.ctx, self.made = ctx, made
        self.idle = Meter()     # a second
        time.sleep(SETTLE)
        self.last = look(made)

    def taken(self) -> Meter:
        time.sleep(SETTLE)
        now = look(self.made)
        took = now.plus(self.last, -1)
        self.last = now
        return took.plus(self.idle, -took.at)

    def of(self, what: str, n: int, work) -> Meter:
        work()
        cost = self.taken().over(n)
        self.ctx.say(line(what, cost))
        return cost


def line(what: str, m: Meter) -> str:
    return (f"  {what:<34}{m.requests:7.2f}{m.web_in:8.0f}{m.web_out:8.0f}"
            f"{m.commits:8.2f}{m.wal:9.0f}{m.db_in:8.0f}{m.db_out:8.0f}"
            f"{m.rows:7.2f}{m.disk:8.0f}")


HEAD = (f"  {'':<34}{'':>7}{'client':>8}{'bytes':>8}{'':>8}{'WAL':>9}"
        f"{'db':>8}{'bytes':>8}{'':>7}{'disk':>8}\n"
        f"  {'':<34}{'request':>7}{'in':>8}{'out':>8}{'commit':>8}"
        f"{'bytes':>9}{'in':>8}{'out':>8}{'row':>7}{'bytes':>8}")


class Load:
    """Jobs that run on both hosts and do as the plan says when told to."""

    def __init__(self, made):
        self.made = made
        self.fifo = made.folder / "go"
        os.mkfifo(self.fifo)
        self.go = os.open(self.fifo, os.O_RDWR)
        self.ids = []

    def plan(self, n: int, **words) -> None:
        full = {"steps": 0, "lines": 0, "events": 0, "pause": 0, "end": 0}
        (self.made.folder / "plan").write_text("".join(
            f"{k}={v}\n" for k, v in (full | words).items()))
        os.write(self.go, b"\n" * n)

    def grow(self, n: int, body=hosted.SFT) -> None:
        """Until so many run."""
        with self.made.caller() as client:
            while len(self.ids) < n:
                self.ids.append(client.post(scale.JOBS, body).json()["id"])
        self.wait("running", n)

    def wait(self, status: str, n: int) -> None:
        until = time.monotonic() + 60
        while self.made.query(
                "select count(*) from trainyard.job where status ="
                " %s and id = any(%s::uuid[])", status, self.ids) != [(n,)]:
            if time.monotonic() > until:
                raise SystemExit(f"never {n} jobs {status}")
            time.sleep(0.1)

    def steps(self, steps: int, pause: float, **words) -> float:
        """Returns when all have done so many; how long it took."""
        begun = time.monotonic()
        self.plan(len(self.ids), steps=steps, pause=pause, **words)
        time.sleep(steps * (pause + 0.02) + 1)
        return time.monotonic() - begun

    def end(self) -> None:
        n = len(self.ids)
        self.plan(n, end=1)
        self.wait("completed", n)
        self.ids = []

    def life(self, n: int, body) -> None:
        self.grow(n, body)
        self.end()


def judge(made) -> str:
    """One with feedback enough for a job."""
    with made.caller() as client:
        key = client.post("/judges", {
            "name": "Cost", "description": "d", "content_type": "text",
            "criteria": [{"name": "Clarity"}, {"name": "Depth"}]}).json()["id"]
        for i in range(40):
            said = client.post("/evaluations", judges.said(key) | {
                "content": f"Answer {i}. " * 20}).json()
            client.post("/feedback", {
                "evaluation_id": said["evaluation_id"], "type": "correction",
                "content": {"corrected_scores": {"crit_clarity": 40 + i}}})
    return key


def trained(made, key: str) -> None:
    body = {"judge_id": key, "training_type": "full_retrain",
            "training_config": {"max_epochs": EPOCHS,
                                "early_stopping": False}}
    with made.caller() as client:
        for n in range(JUDGED):
            reply = client.post("/training/jobs", body)
            if reply.status_code != 201:
                raise SystemExit(reply.text)
            until = time.monotonic() + 60
            while made.query(
                    "select count(*) from trainyard.job where face = 'judge'"
                    " and status = 'completed'") != [(n + 1,)]:
                if time.monotonic() > until:
                    raise SystemExit("a judge's job does not complete")
                time.sleep(0.05)


def many(made, n: int, one) -> None:
    with made.caller() as client:
        for i in range(n):
            reply = one(client, i)
            if reply.status_code not in (200, 201, 304):
                raise SystemExit(f"{reply.status_code} {reply.text}")


def measured(costs: Costs, load: Load) -> dict:
    """Cost by cause."""
    made, got = costs.made, {}
    for kind, body in (("SFT", hosted.SFT), ("RL", hosted.RL),
                       ("GRPO", hosted.GRPO)):
        costs.of(f"a life of {kind}: create, claim, end", LIVES,
                 lambda b=body: load.life(LIVES, b))
    key = judge(made)
    costs.taken()
    costs.of(f"a life of a judge's job, {EPOCHS} epochs", JUDGED,
             lambda: trained(made, key))
    load.grow(RUNNING)
    costs.taken()
    before = costs.last.at
    time.sleep(5)
    beats = costs.taken()
    seconds = costs.last.at - before
    # a statement for all jobs of a dispatcher, idle or not
    got["beat"] = beats.over(RUNNING * seconds / (LEASE / 3))
    costs.ctx.say(line("a heartbeat, for a job", got["beat"]))
    idle = costs.idle
    costs.idle = idle.plus(beats, 1 / seconds)
    n = RUNNING * STEPS
    got["step"] = costs.of("a step, printed", n, lambda: load.steps(
        STEPS, 0.1, events=1))
    if round(got["step"].events * n) != n:
        raise SystemExit(f"{got['step'].events * n} steps of {n} arrived")
    got["line"] = costs.of("a log line, alone", n, lambda: load.steps(
        STEPS, 0.1, lines=1))
    ten = costs.of("10 log lines at once", n, lambda: load.steps(
        STEPS, 0.1, lines=10))
    got["more"] = ten.plus(got["line"], -1).over(9)
    ids = load.ids

    def path(i):
        return f"{scale.JOBS}/{ids[i % len(ids)]}"

    costs.of("a step, posted", n, lambda: many(
        made, n, lambda c, i: c.post(f"{path(i)}/progress",
                                     STEP,
                                     {"Prefer": "return=minimal"})))
    costs.of("GET of a job, not changed: 304", n, lambda: unchanged(
        made, n, path(0)))
    costs.of("GET of a job with 120 points", n, lambda: many(
        made, n, lambda c, i: c.get(path(i))))
    costs.of("an artifact of 1 KiB", 100, lambda: many(
        made, 100, lambda c, i: c.request(
            "PUT", f"/api/v1/org/acme/ws/main/artifacts/other/cost/{i}",
            b"%1024d" % i)))
    load.end()
    costs.idle = idle
    costs.taken()
    return got


def unchanged(made, n: int, path: str) -> None:
    with made.caller() as client:
        tag = client.get(path).headers["ETag"]
    many(made, n, lambda c, i: c.request(
        "GET", path, None, {"If-None-Match": tag}))


def sessions(made) -> str:
    return ", ".join(f"{n} {name}" for name, n in made.query(
        "select application_name, count(*) from pg_stat_activity"
        " where application_name like 'trainyard%%' group by 1 order by 1"))


def resident(host, pid: int, what: str = "Rss:") -> float:
    """MiB of a process of that host; Pss: its share of what others have."""
    path = f"/proc/{host.init.pid}/root/proc/{pid}/smaps_rollup"
    with open(path, encoding="ascii") as f:
        return next(int(x.split()[1]) for x in f
                    if x.startswith(what)) / 1024


def memory(made, load: Load) -> str:
    words = [f"{part} {max(resident(h, h.pid(part)) for h in made.hosts):.1f}"
             for part in ("responder", "dispatcher")]
    note = next(made.data.glob(f"work/{load.ids[0]}/*/keeper"))
    keeper = int(note.read_text().split()[0])
    at, = made.query("select worker from trainyard.attempt where job_id = %s",
                     load.ids[0])
    host, = (h for h in made.hosts if at[0].startswith(f"host-{h.name}."))
    words.append(f"a job's keeper {resident(host, keeper):.1f},"
                 f" {resident(host, keeper, 'Pss:'):.1f} of it its own")
    shares = [resident(made.db, int(pid), "Pss:") for pid, in made.query(
        "select pid from pg_stat_activity"
        " where application_name like 'trainyard%%'")]
    words.append(f"sessions of PostgreSQL {min(shares):.1f} to"
                 f" {max(shares):.1f}")
    return "MiB: " + ", ".join(words)


def fastest(costs: Costs, load: Load) -> str:
    """What two dispatchers make of jobs that print without a pause."""
    made, n = costs.made, len(load.ids)

    def done() -> int:
        return made.query("select count(*) from trainyard.job_metric"
                          " where event_type = 'step_complete'")[0][0]

    costs.taken()
    want = done() + n * 200
    begun = time.monotonic()
    load.plan(n, steps=200, pause=0, events=1)
    while done() < want:
        if time.monotonic() > begun + 120:
            raise SystemExit("steps are missing: was a lease over?")
        time.sleep(0.1)
    seconds = time.monotonic() - begun
    commits = costs.taken().commits
    return (f"{n} jobs that print as fast as they can:"
            f" {n * 200 / seconds:.0f} steps a second in"
            f" {commits / seconds:.0f} commits")


def check(costs: Costs, load: Load, got: dict) -> None:
    """The sum of the parts against what so many jobs really do."""
    say, made = costs.ctx.say, costs.made
    say("  n jobs that print a step and 5 lines a second; a second of them:")
    for n in (20, 50, 100):
        load.grow(n)
        costs.taken()
        seconds = load.steps(15, 1, events=1, lines=5)
        time.sleep(SETTLE)
        now = look(made)
        # what beats on before and after is not of these steps' time
        still = costs.idle.plus(got["beat"], n / (LEASE / 3))
        took = now.plus(costs.last, -1)
        took = took.plus(still, seconds - took.at).over(seconds)
        costs.last = now
        rate = 15 / seconds
        want = still.plus(got["step"], n * rate).plus(
            got["more"], 5 * n * rate)
        say(line(f"{n} jobs: predicted", want))
        say(line(f"{n} jobs: measured", took))
        say(f"    ratio: commits {took.commits / want.commits:.2f}, WAL"
            f" {took.wal / want.wal:.2f}, db in {took.db_in / want.db_in:.2f},"
            f" rows {took.rows / want.rows:.2f}, disk"
            f" {took.disk / want.disk:.2f}")
        say(f"    {memory(made, load)}")
    say(f"  {fastest(costs, load)}")
    load.end()
    say(f"  sessions of two hosts: {sessions(made)}")


def jobs(ctx, bench) -> None:
    """Requests, bytes, commits, WAL and rows by cause."""
    with scale.site(ctx, RUNNER, KINDS, "slots=50",
                    f"lease_seconds={LEASE}") as made:
        if made is None:
            return
        ctx.say(f"\n{bench.name}: {bench.what}; lease_seconds {LEASE}")
        ctx.say(HEAD)
        load = Load(made)
        costs = Costs(ctx, made)
        time.sleep(SETTLE)
        costs.idle = costs.taken()
        costs.idle = costs.idle.over(costs.idle.at)
        ctx.say(line("a second of two idle hosts", costs.idle))
        got = measured(costs, load)
        check(costs, load, got)
        os.close(load.go)
