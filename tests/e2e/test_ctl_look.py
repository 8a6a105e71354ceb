# SPDX-License-Identifier: BSD-2-Clause
"""What the trainyard command shows of a site, and how shells complete it."""
import json
import subprocess

import pytest

from harness import BUILD
from hosted import await_true

JOB = "019b8d2b-8c00-7e22-9d3f-6cae204f7b51"
JUDGE = "019b8d2b-8c00-7e22-9d3f-6cae204f7b61"
COMMANDS = [line.split("\t") for line in
            (BUILD / "gen/commands.txt").read_text().splitlines()]


# -- status

def test_the_state_of_a_running_site(stack):
    told = {}

    def known():
        told.update(json.loads(stack.trainyard("status", "--json")))
        return told["dispatchers"]

    # it tells of itself some time after its start
    await_true(known, "a dispatcher")
    assert told["responder"] == {
        "ready": True, "detail": "ready", "socket": stack.socket}
    database = told["database"]
    assert database["schema"] == database["schema_needed"]
    assert database["bytes"] > 1_000_000
    mine, = told["dispatchers"]
    assert (mine["state"], mine["slots"]) == ("up", 2)
    assert mine["engines"]["judge"] == "local"
    assert mine["worker"] in stack.log("dispatcher.log")
    assert [q["kind"] for q in told["queues"]] == [
        "judge", "tinker_sft", "tinker_rl", "ray_grpo"]
    assert {o["channel"] for o in told["outbox"]} == {"webhook", "mail"}
    text = stack.trainyard("status")
    assert text.startswith(f"responder    ready  {stack.socket}\n")
    assert mine["worker"] in text
    assert len(text.splitlines()) < 24


def test_the_state_without_any_server(acme):
    acme.job_insert(JOB)
    told = acme.json("status")
    assert told["responder"]["ready"] is False
    assert "No such file" in told["responder"]["detail"]
    assert told["dispatchers"] == []
    sft, = (q for q in told["queues"] if q["kind"] == "tinker_sft")
    assert (sft["queued"], sft["running"]) == (1, 0)
    assert 3600 <= sft["oldest_seconds"] < 4000
    assert "none was ever here" in acme.out("status")


@pytest.mark.parametrize("seen, stopped, state", [
    ("now()", "null", "up"), ("now() - interval '2 hours'", "null", "silent"),
    ("now()", "now()", "stopped")])
def test_dispatchers_stand_as_they_were_seen(acme, seen, stopped, state):
    acme.execute(
        "insert into trainyard.dispatcher (worker, version, kinds, engines,"
        " slots, runs, started_at, seen_at, stopped_at) values ('far.0', '1',"
        " '{judge}', '{local}', 4, 3, now() - interval '1 day',"
        f" {seen}, {stopped})")
    one, = acme.json("status")["dispatchers"]
    assert (one["worker"], one["state"], one["runs"]) == ("far.0", state, 3)
    assert f"far.0  {state}, seen" in acme.out("status")


# -- what a job said

def say(acme, message, data=None, attempt=1):
    acme.execute(
        "insert into trainyard.job_log (workspace_id, job_id, attempt, level,"
        " message, data, at) select workspace_id, id, %s, 1, %s,"
        " %s, '2026-01-02T03:04:05Z' from trainyard.job where id = %s",
        attempt, message, data, JOB)


def test_logs_are_read_in_order_and_cannot_steer_a_terminal(acme):
    acme.job_insert(JOB)
    say(acme, "first", '{"a": 1}')
    say(acme, "second \x1b[2J\x9b", attempt=2)
    assert acme.out("job", "logs", JOB) == (
        '2026-01-02T03:04:05.000000Z info    #1 first {"a": 1}\n'
        "2026-01-02T03:04:05.000000Z info    #2 second "
        "\\x1b[2J\\x9b\n")
    lines = acme.json("job", "logs", JOB)
    assert [(x["message"], x["data"]) for x in lines] == [
        ("first", {"a": 1}), ("second \x1b[2J\x9b", {})]
    assert acme.json("job", "logs", JOB, "--attempt", "2") == lines[1:]
    assert "does not exist" in acme.fails("job", "logs", JOB[:-1] + "2")
    assert "is no job's id" in acme.fails("job", "logs", "x", status=2)


def test_logs_are_followed_until_the_job_is_over(acme):
    acme.job_insert(JOB)
    say(acme, "first")
    with acme.start("job", "logs", JOB, "-f", "--json") as process:
        assert json.loads(process.stdout.readline())["message"] == "first"
        say(acme, "second")
        assert json.loads(process.stdout.readline())["message"] == "second"
        say(acme, "last")
        acme.execute("update trainyard.job set status = 'claimed'")
        acme.execute("update trainyard.job set status = 'running',"
                     " started_at = now()")
        acme.execute("update trainyard.job set status = 'completed',"
                     " completed_at = now()")
        assert json.loads(process.stdout.readline())["message"] == "last"
        assert process.stdout.read() == ""
        assert process.wait() == 0


# -- judges

def test_judges_and_their_versions_are_shown(acme):
    acme.execute(
        "insert into trainyard.judge (workspace_id, id, key, content_type,"
        " created_by) select w.id, %s, 'jdg_a', 'text', a.id"
        " from trainyard.workspace w, trainyard.account a", JUDGE)
    acme.execute(
        "insert into trainyard.judge_version (workspace_id, judge_id, number,"
        " id, status, name, description, changes_summary, created_by)"
        " select workspace_id, id, 1, id, 'active', 'Support', 'Grades.',"
        " 'made', created_by from trainyard.judge")
    for args in ((), ("acme",), ("acme/main",)):
        one, = acme.json("judge", "list", *args)
        assert (one["id"], one["name"], one["status"], one["feedback"]) == (
            "jdg_a", "Support", "learning", 0)
    assert acme.json("judge", "list", "other") == []
    assert acme.json("judge", "show", "jdg_a") == one
    version, = acme.json("judge", "versions", "jdg_a")
    assert (version["version"], version["status"], version["changes"]) == (
        1, "active", "made")
    acme.execute("update trainyard.judge set archived_at = now()")
    assert acme.json("judge", "list") == []
    assert acme.json("judge", "list", "--all")[0]["status"] == "archived"
    for verb in ("show", "versions"):
        assert "does not exist" in acme.fails("judge", verb, "jdg_b")


# -- completion

def completed(*words):
    """What bash offers behind these words; the last one is being typed."""
    script = (f"source {BUILD}/gen/completion/trainyard\n"
              'COMP_WORDS=(trainyard "$@")\n'
              "COMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n"
              '_trainyard\nprintf "%s\\n" "${COMPREPLY[@]}"\n')
    done = subprocess.run(["bash", "-c", script, "-", *words], check=True,
                          capture_output=True, text=True)
    assert done.stderr == ""
    return done.stdout.split()


def test_nouns_are_completed():
    assert {c[0].split()[0] for c in COMMANDS} <= set(completed(""))
    assert completed("cat") == ["catalog"]
    assert "catalog" in completed("-c", "file", "--json", "")


def test_verbs_are_completed():
    for name, _ in COMMANDS:
        *before, last = name.split()
        assert last in completed(*before, "")
    assert completed("workspace", "access", "a") == ["add"]


@pytest.mark.parametrize("name, usage", COMMANDS, ids=lambda x: x[:24])
def test_options_are_completed(name, usage):
    offered = completed(*name.split(), "-")
    for word in usage.replace("[", " ").replace("]", " ").split():
        if word.startswith("-"):
            assert word in offered
    assert "--json" in offered


def test_words_of_an_option_are_completed():
    assert completed("catalog", "add", "x", "--family", "") == ["llama",
                                                                "qwen"]
    assert completed("migrate", "--phase", "p") == ["pre", "post"]
    assert completed("job", "list", "--limit", "") == []


def test_help_tells_every_command(acme):
    assert acme.out("help") == "".join(
        f"trainyard {name} {usage}".rstrip() + "\n"
        for name, usage in COMMANDS)
