# SPDX-License-Identifier: BSD-2-Clause
"""Judge jobs: their documents, and what their results become."""
import fcntl
import json
import os
import pathlib
import signal
import sys

import pytest

from dispatchers import BUILD
from hosted import await_true
from judge_rows import Judge
from judges import typeid

FIXED = pathlib.Path(__file__).with_name("judge_runner.py")
RESULTS = {
    "holdout_count": 10, "label_count": 20, "accuracy_score": 0.93,
    "pooled_mae": {"trained": 6.48, "active": 9.73, "raw": 9.73, "bias": 8},
    "pooled_pairwise_accuracy": {"trained": 0.70, "active": 0.69}}


def fixed(site, **settings):
    """A dispatcher whose judge runner says what training_config tells it."""
    return site.dispatcher(
        runner_judge=f"{sys.executable} {FIXED}", **settings)


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def job_row(site, job):
    return site.one(
        "select status, progress, version_number, deployment, validation,"
        " error, error_type from trainyard.job where id = %s", job)


def versions(site, judge):
    return site.run("select number, status from trainyard.judge_version"
                    " where judge_id = %s order by number", judge.id)


def results(trained=6.48, active=9.73, rank=(0.70, 0.69), holdout=10):
    return RESULTS | {
        "holdout_count": holdout,
        "pooled_mae": {"trained": trained, "active": active},
        "pooled_pairwise_accuracy": {"trained": rank[0], "active": rank[1]}}


# -- the document

def held_document(site, judge, **job):
    """Starts a job whose runner waits, and returns its folder and document."""
    gate = site.gate()
    fixed(site)
    made = judge.job(gate=gate.path, **job)
    gate.reached()
    folder = site.workdir(made)
    return made, gate, folder, json.loads((folder / "job.json").read_text())


def test_the_document_is_what_the_trainer_expects(site):
    judge = Judge(site)
    made = judge.evaluations(5)
    judge.corrections(made)
    job, gate, folder, document = held_document(site, judge)
    gate.open()
    assert document["schema_version"] == "1"
    assert document["job_id"] == "train_job_" + typeid(job)
    assert document["judge_id"] == judge.key
    assert document["training_type"] == "incremental"
    assert document["content_type"] == "text"
    assert document["training_config"]["max_epochs"] == 20
    assert document["criteria"] == [
        {"id": "crit_clarity", "name": "clarity", "weight": 1,
         "fresh": False},
        {"id": "crit_tone", "name": "tone", "weight": 2, "fresh": False}]
    assert document["base_model"] is None
    assert document["base"] == {
        "version_number": 1, "seen_through": 0, "seen_split": 1}
    assert document["active_model"] is None
    assert document["active"] == {
        "version_number": 1, "seen_through": 0, "seen_split": 1,
        "criteria": [{"id": "crit_clarity", "weight": 1, "fresh": False},
                     {"id": "crit_tone", "weight": 2, "fresh": False}]}
    assert document["high_water_mark"] == 5
    assert document["data"] == str(folder / "evaluations.jsonl")
    assert document["consistency"] is None
    site.await_status(job, "completed")


def test_the_document_says_which_criteria_no_model_knows(site):
    judge = Judge(site)
    judge.corrections(judge.evaluations(5))
    site.run("update trainyard.criterion set fresh = true where judge_id = %s"
             " and id = 'crit_tone'", judge.id)
    job, gate, _, document = held_document(site, judge)
    gate.open()
    for criteria in (document["criteria"], document["active"]["criteria"]):
        assert {c["id"]: c["fresh"] for c in criteria} == {
            "crit_clarity": False, "crit_tone": True}
    site.await_status(job, "completed")


def test_the_selection_is_exported_once_each_in_order(site):
    judge = Judge(site)
    made = judge.evaluations(4)
    one, two, three, four = (key for key, _, _ in made)
    judge.feedback([
        (one, "rating", 4.5),                       # 1: before the selection
        (two, "correction", {"crit_tone": 50}),     # 2
        (one, "approval", True),                    # 3
        (three, "comment", "nothing to learn"),     # 4
        (two, "approval", False),                   # 5
        (four, "rating", 1),                        # 6: above the mark
    ])
    job, gate, folder, _ = held_document(site, judge, first=2, mark=5)
    rows = lines(folder / "evaluations.jsonl")
    gate.open()
    assert [r["evaluation_id"] for r in rows] == [
        "eval_" + typeid(key) for key in (two, one, three)]
    assert [[f["number"] for f in r["feedback"]] for r in rows] == [
        [2, 5], [3], [4]]
    assert [r["first_number"] for r in rows] == [2, 1, 4]
    assert rows[0]["feedback"][0] == {
        "number": 2, "type": "correction",
        "corrected_scores": {"crit_tone": 50}, "rating": None,
        "approved": None, "target_criteria": ["crit_tone"],
        "submitted_by": "ada"}
    raw = {key: scores for key, scores, _ in made}
    assert rows[0]["raw"] == raw[two] == rows[0]["shown"]
    assert rows[0]["content"] == made[1][2]
    site.await_status(job, "completed")


def test_touch_sets_choose_entries(site):
    judge = Judge(site)
    made = judge.evaluations(3)
    judge.feedback([
        (made[0][0], "correction", {"crit_tone": 50}),
        (made[1][0], "correction", {"crit_clarity": 50}),
        (made[0][0], "correction", {"crit_clarity": 40}),
        (made[2][0], "rating", 3)])
    clarity = judge.sets[("crit_clarity",)]["id"]
    job, gate, folder, _ = held_document(
        site, judge, training_type="fine_tune", touch_sets=[clarity],
        target_criteria=["crit_clarity"])
    rows = lines(folder / "evaluations.jsonl")
    gate.open()
    assert [[f["number"] for f in r["feedback"]] for r in rows] == [[2], [3]]
    site.await_status(job, "completed")


def test_thousands_of_entries_are_exported_in_many_windows(site):
    judge = Judge(site)
    made = judge.evaluations(1500)
    judge.corrections(made)
    judge.corrections(made[:700])
    job, gate, folder, _ = held_document(site, judge)
    rows = lines(folder / "evaluations.jsonl")
    gate.open()
    assert [r["evaluation_id"] for r in rows] == [
        "eval_" + typeid(key) for key, _, _ in made]
    assert sum(len(r["feedback"]) for r in rows) == 2200
    site.await_status(job, "completed")


def test_repeated_held_out_content_is_exported_newest_first(site):
    # A fixed key: who is held out follows from it.
    judge = Judge(site, key="jdg_repeats")
    twice = judge.evaluations(60, repeat=2)
    single = judge.evaluations(30, seed=2)
    judge.corrections(single)
    job, gate, folder, document = held_document(site, judge)
    rows = lines(pathlib.Path(document["consistency"]))
    gate.open()
    held = ["eval_" + typeid(str(key)) for key, in site.run(
        "select id from trainyard.evaluation where group_u < 0.2"
        " and id = any (%s::uuid[]) order by evaluated_at desc, id desc",
        [key for key, _, _ in twice])]
    assert [r["evaluation_id"] for r in rows] == held
    assert len(held) >= 10
    assert set(rows[0]) == {"evaluation_id", "group_key", "content", "raw"}
    site.await_status(job, "completed")


def test_nothing_is_held_out_without_a_split(site):
    judge = Judge(site)
    judge.corrections(judge.evaluations(5, repeat=2))
    job, gate, _, document = held_document(site, judge, validation_split=0)
    gate.open()
    assert document["consistency"] is None
    site.await_status(job, "completed")


def prepared_slowly(site, judge):
    """A job whose export waits for a lock, and who holds it."""
    holder = site.cluster.connect("trainyard_owner", site.name)
    holder.autocommit = False
    holder.cursor().execute("lock table trainyard.evaluation")
    d = fixed(site, statement_timeout_ms=400)
    job = judge.job(results=results())
    d.await_line("statement failed statement=document_entries")
    return d, job, holder


def test_an_export_that_was_interrupted_begins_again(site):
    judge = Judge(site)
    judge.corrections(judge.evaluations(5))
    d, job, holder = prepared_slowly(site, judge)
    d.end(signal.SIGKILL)
    fixed(site).await_line("found again", job, "not started")
    holder.close()
    site.await_status(job, "completed")
    assert site.attempts(job) == [(1, "completed")]


def test_a_job_that_is_being_prepared_is_handed_back(site):
    judge = Judge(site)
    judge.corrections(judge.evaluations(5))
    d, job, holder = prepared_slowly(site, judge)
    assert d.end(signal.SIGINT) == 0
    holder.close()
    assert site.status(job) == "queued"
    assert site.attempts(job) == [(1, "lost")]
    assert site.one("select progress, lost_leases from trainyard.job") == (
        0, 0)
    fixed(site)
    site.await_status(job, "completed")


def test_a_job_that_is_being_prepared_is_cancelled(site):
    judge = Judge(site)
    judge.corrections(judge.evaluations(5))
    _, job, holder = prepared_slowly(site, judge)
    site.run("update trainyard.job set cancel_requested_at = now()")
    site.notify("trainyard_cancel", job)
    site.await_status(job, "cancelled")
    holder.close()
    assert not (site.workdir(job) / "keeper.lock").exists()


# -- what becomes of a result

def test_a_result_makes_a_draft(site):
    judge = Judge(site)
    judge.corrections(judge.evaluations(50))
    fixed(site)
    job = judge.job(results=results())
    site.await_status(job, "completed")
    assert site.statuses(job) == ["queued", "preparing", "training",
                                  "validating", "completed"]
    status, progress, number, deployment, validation, error, _ = job_row(
        site, job)
    assert (status, progress, number, error) == ("completed", 100, 2, None)
    assert deployment == {"requested": False, "deployed": False,
                          "reason": "not_requested"}
    assert validation == results()
    assert versions(site, judge) == [(1, "active"), (2, "draft")]
    row = site.one(
        "select base_version, job_id::text, trained_through, seen_through,"
        " seen_split, feedback_count, changes_summary, name, deployed_at,"
        " encode(model_sha256, 'hex') from trainyard.judge_version"
        " where number = 2")
    assert row[:9] == (
        1, job, 50, 50, 0.2, 50,
        "incremental training on 50 entries; mean error 9.73 to 6.48 points",
        "Support", None)
    blob = site.data / "blobs" / row[9][:2] / row[9][2:]
    assert blob.read_bytes() == b"model"
    assert site.one(
        "select active_version, last_version, is_trained, mark,"
        " mark_job_id::text from trainyard.judge") == (1, 2, False, 50, job)
    assert site.one("select mark, job_id::text from trainyard.judge_mark") == (
        50, job)
    assert site.value("select count(*) from trainyard.criterion"
                      " where version = 2") == 2
    assert site.value("select count(*) from trainyard.judge_version_use"
                      " where version = 2") == 1
    assert site.run("select event, data->>'version_number'"
                    " from trainyard.job_event where to_status is null") == [
        ("judge.version.created", "2")]
    await_true(lambda: not site.workdir(job).exists(), "the folder's end")


def test_progress_follows_the_epochs(site):
    judge = Judge(site)
    judge.corrections(judge.evaluations(5))
    gate = site.gate()
    fixed(site)
    job = judge.job(results=results(), epochs=5, middle=gate.path)
    gate.reached()
    site.await_sql("select progress = 35 from trainyard.job")
    assert site.status(job) == "training"
    gate.open()
    site.await_status(job, "completed")
    assert site.value("select count(*) from trainyard.job_metric"
                      " where event_type = 'step_complete'") == 5


@pytest.mark.parametrize("options, result, reason, status", [
    ({}, results(), "deployed", "active"),
    ({}, results(active=6.48), "deployed", "active"),
    ({}, results(rank=(0.67, 0.69)), "deployed", "active"),
    ({}, results(rank=(None, None)), "deployed", "active"),
    ({}, results(trained=9.74), "not_improved", "draft"),
    ({}, results(rank=(0.66, 0.69)), "ranking_worse", "draft"),
    ({}, results(holdout=4), "holdout_too_small", "draft"),
    ({"require_improvement": False}, results(trained=50, holdout=0),
     "deployed_unchecked", "active"),
])
def test_a_due_version_is_deployed(site, options, result, reason, status):
    judge = Judge(site)
    judge.corrections(judge.evaluations(5))
    site.run("update trainyard.organization set webhook_url = 'https://x.y'")
    fixed(site)
    job = judge.job(results=result, options={"auto_deploy": True} | options)
    site.await_status(job, "completed")
    deployed = status == "active"
    assert job_row(site, job)[3] == {
        "requested": True, "deployed": deployed, "reason": reason}
    assert versions(site, judge) == [
        (1, "deployed" if deployed else "active"), (2, status)]
    assert site.one("select active_version, is_trained from trainyard.judge"
                    ) == ((2, True) if deployed else (1, False))
    assert site.value("select count(*) from trainyard.deployment"
                      " where version = 2 and job_id = %s", job) == deployed
    assert site.run(
        "select count(*) from trainyard.outbox"
        " where event = 'judge.version.deployed'") == [(int(deployed),)]
    told = [e for e, in site.run("select event from trainyard.job_event"
                                 " where to_status is null order by seq")]
    assert told == ["judge.version.created", "judge.version.deployed" if
                    deployed else "training.job.deploy_skipped"]


def test_without_a_backup_the_replaced_version_is_archived(site):
    judge = Judge(site)
    judge.corrections(judge.evaluations(5))
    fixed(site)
    job = judge.job(results=results(), options={
        "auto_deploy": True, "backup_current_version": False})
    site.await_status(job, "completed")
    assert versions(site, judge) == [(1, "archived"), (2, "active")]
    assert site.value("select archived_at is not null from"
                      " trainyard.judge_version where number = 1")


@pytest.mark.parametrize("criteria, model, reason", [
    # one with other criteria, another model, or merely another name
    ((("crit_clarity", 1),), None, "criteria_changed"),
    (None, "ab" * 32, "not_improved"),
    (None, None, "deployed"),
])
def test_a_version_that_came_meanwhile_is_not_replaced_blindly(
        site, criteria, model, reason):
    judge = Judge(site)
    judge.corrections(judge.evaluations(5))
    gate = site.gate()
    fixed(site)
    job = judge.job(results=results(), gate=gate.path,
                    options={"auto_deploy": True})
    gate.reached()
    site.run("update trainyard.judge_version set status = 'deployed'")
    judge.version(2, "active", criteria)
    site.run("update trainyard.judge_version set name = 'Renamed',"
             " model_sha256 = decode(%s, 'hex') where number = 2", model)
    site.run("update trainyard.judge set active_version = 2,"
             " last_version = 2")
    gate.open()
    site.await_status(job, "completed")
    deployed = reason == "deployed"
    assert job_row(site, job)[2:4] == (3, {
        "requested": True, "deployed": deployed, "reason": reason})
    assert versions(site, judge) == [
        (1, "deployed"), (2, "deployed" if deployed else "active"),
        (3, "active" if deployed else "draft")]
    # the new version does not bring the old name back
    assert site.value("select name from trainyard.judge_version"
                      " where number = 3") == "Renamed"


@pytest.mark.parametrize("kind, expected", [
    # trained_through, seen_through, seen_split, mark, in that order
    ("incremental", (5, 90, 0.1, 50)),
    ("full_retrain", (5, 5, 0.3, 50)),
    ("fine_tune", (80, 90, 0.1, 50)),
])
def test_lineage_follows_the_training_type(site, kind, expected):
    judge = Judge(site)
    judge.corrections(judge.evaluations(5))
    site.run("update trainyard.judge_version set trained_through = 80,"
             " seen_through = 90, seen_split = 0.1")
    site.run("update trainyard.judge set mark = 50")
    fixed(site)
    job = judge.job(kind, results=results(), validation_split=0.3,
                    target_criteria=["crit_tone"])
    site.await_status(job, "completed")
    assert site.one(
        "select v.trained_through, v.seen_through, v.seen_split, g.mark"
        " from trainyard.judge_version v join trainyard.judge g"
        " on g.id = v.judge_id where v.number = 2") == expected


def test_a_validation_makes_no_version(site):
    judge = Judge(site)
    judge.corrections(judge.evaluations(5))
    fixed(site)
    job = judge.job("validation", results=RESULTS, validation=True)
    site.await_status(job, "completed")
    assert site.statuses(job) == ["queued", "preparing", "validating",
                                  "completed"]
    assert job_row(site, job)[2:5] == (None, None, RESULTS)
    assert versions(site, judge) == [(1, "active")]
    assert site.one("select mark, last_version from trainyard.judge") == (
        0, 1)


def test_an_end_without_a_model_is_a_failure(site):
    judge = Judge(site)
    judge.corrections(judge.evaluations(5))
    fixed(site)
    job = judge.job(results=results(), model="nowhere")
    site.await_status(job, "failed")
    assert job_row(site, job)[5:] == (
        "the model cannot be read: No such file or directory",
        "internal_error")
    assert versions(site, judge) == [(1, "active")]


def test_an_end_without_results_is_a_failure(site):
    judge = Judge(site)
    judge.corrections(judge.evaluations(5))
    fixed(site)
    job = judge.job(results=None)
    site.await_status(job, "failed")
    assert job_row(site, job)[5] == \
        "the runner reported no validation_results"


def test_a_failure_names_its_kind(site):
    judge = Judge(site)
    judge.corrections(judge.evaluations(5))
    fixed(site)
    job = judge.job(failure=["nothing unseen",
                             "insufficient_feedback_error"])
    site.await_status(job, "failed")
    assert job_row(site, job)[5:] == (
        "nothing unseen", "insufficient_feedback_error")


def test_a_training_that_takes_too_long_fails(site):
    judge, gate = Judge(site), site.gate()
    judge.corrections(judge.evaluations(5))
    fixed(site)
    job = judge.job(results=results(), epochs=5, middle=gate.path, timeout=1)
    # it may not get as far as the gate
    site.await_status(job, "failed")
    assert job_row(site, job)[5:] == ("timed out after 1 s", "timeout_error")


def test_a_training_that_is_lost_three_times_fails(site):
    judge, gate = Judge(site), site.gate()
    judge.corrections(judge.evaluations(5))
    fixed(site)
    job = judge.job(gate=gate.path)
    for n in (1, 2, 3):
        gate.reached()
        os.kill(site.keeper(job, n)[0], signal.SIGKILL)
    site.await_status(job, "failed")
    assert job_row(site, job)[6] == "worker_lost_error"
    assert site.attempts(job) == [(1, "lost"), (2, "lost"), (3, "failed")]
    assert site.statuses(job) == [
        "queued", "preparing", "queued", "preparing", "queued", "preparing",
        "failed"]


def test_every_change_reaches_the_outbox(site):
    judge = Judge(site)
    judge.corrections(judge.evaluations(5))
    job = judge.job(results=results())
    site.run("update trainyard.job set webhook_url = 'https://x.y/hook'")
    fixed(site)
    site.await_status(job, "completed")
    assert {e for e, in site.run(
        "select event from trainyard.outbox where target ="
        " 'https://x.y/hook'")} >= {
        f"training.job.{s}"
        for s in ("training", "validating", "completed")}


# -- the real trainer

def model_of(site, number):
    digest = site.value("select encode(model_sha256, 'hex') from"
                        " trainyard.judge_version where number = %s", number)
    return (site.data / "blobs" / digest[:2] / digest[2:]).read_bytes()


def held(site, *epochs):
    """A trainer whose attempts, each in its turn, wait behind an epoch.

    What it writes a checkpoint to is a pipe that nobody reads.
    """
    script = site.folder / "held"
    script.write_text("#!/bin/sh\ncase $TRAINYARD_ATTEMPT in\n" + "".join(
        f"{n}) mkfifo checkpoint-{epoch:04}.tmp || exit;;\n"
        for n, epoch in enumerate(epochs, 1))
        + f"esac\nexec {BUILD}/trainyard-judge -c 0\n")
    script.chmod(0o755)
    return site.dispatcher(runner_judge=script)


def test_the_trainer_improves_the_judge(site):
    # A fixed key: who is held out follows from it.
    judge = Judge(site, key="jdg_improves")
    judge.corrections(judge.evaluations(200))
    site.dispatcher()
    job = judge.job(options={"auto_deploy": True})
    site.await_status(job, "completed")
    validation, deployment = site.one(
        "select validation, deployment from trainyard.job")
    assert validation["holdout_count"] > 20
    assert validation["pooled_mae"]["trained"] < \
        validation["pooled_mae"]["active"]
    assert deployment["reason"] == "deployed"
    # and the next job begins where this one left off
    judge.corrections(judge.evaluations(100, seed=2))
    second = judge.job(first=201, base=2)
    site.await_status(second, "completed")
    assert site.one(
        "select trained_through, seen_through, base_version from"
        " trainyard.judge_version where number = 3") == (300, 300, 2)
    third = judge.job("validation", base=2)
    site.await_status(third, "completed")
    seen = site.value("select validation->'seen_count' from trainyard.job"
                      " where id = %s", third)
    assert 140 < seen < 180    # four fifths of the first 200


def test_a_killed_training_resumes_and_ends_with_the_same_bytes(site):
    judge = Judge(site)
    judge.corrections(judge.evaluations(400))
    config = dict(max_epochs=300, early_stopping=False)
    d = held(site, 100, 200)
    job = judge.job(**config)
    for n in (1, 2):
        site.await_sql(
            "select count(*) > 1 from trainyard.job_metric"
            " where attempt = %s", n)
        os.kill(site.keeper(job, n)[1], signal.SIGKILL)
        site.await_sql("select attempt = %s from trainyard.job", n + 1)
    site.await_status(job, "completed")
    assert site.attempts(job) == [(1, "lost"), (2, "lost"), (3, "completed")]
    # it went on: the last attempt did not do all epochs again
    assert site.value("select count(*) < 300 from trainyard.job_metric"
                      " where attempt = 3 and event_type = 'step_complete'")
    assert d.end() == 0
    site.dispatcher(runner_judge=f"{BUILD}/trainyard-judge -c 0")
    again = judge.job(**config)
    site.await_status(again, "completed")
    assert site.attempts(again) == [(1, "completed")]
    assert model_of(site, 2) == model_of(site, 3)


def test_the_trainer_stops_between_epochs(site):
    judge = Judge(site)
    judge.corrections(judge.evaluations(400))
    d = held(site, 100)
    job = judge.job(max_epochs=1000, early_stopping=False)
    site.await_sql("select count(*) > 0 from trainyard.job_metric")
    runner = site.keeper(job)[1]
    os.kill(runner, signal.SIGSTOP)
    site.cancel(job)
    d.await_line("cancelling", job)
    # takes what it wrote to the pipe, wherever it is
    pipe = os.open(site.workdir(job) / "checkpoint-0100.tmp", os.O_RDWR)
    fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, 1 << 20)
    os.kill(runner, signal.SIGCONT)
    site.await_status(job, "cancelled")
    os.close(pipe)
    assert versions(site, judge) == [(1, "active")]
    assert site.value("select mark from trainyard.judge") == 0
