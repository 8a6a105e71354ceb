# SPDX-License-Identifier: BSD-2-Clause
"""One job from its claim to its end."""
import json

START = {"event": {"event_type": "training_start", "message": "started",
                   "data": {"trainer_type": "sft"}}}
END = {"event": {"event_type": "training_end", "message": "Training complete",
                 "metrics": {"train_loss": [3, 2, 1], "train/steps": 3},
                 "artifacts": {"checkpoints": ["a", "b"]}}}
# However many reports its points came in.
SERIES = ("select s.key, jsonb_agg(p.v order by s.seq, p.n)"
          " from trainyard.job_series s, jsonb_array_elements(s.points)"
          " with ordinality as p (v, n) where s.job_id = %s group by 1")


def step(n, **metrics):
    return {"event": {"event_type": "step_complete", "data": {"step": n},
                      "metrics": {"steps": [n], **metrics}}}


def test_a_job_is_trained_and_completed(site):
    site.dispatcher()
    job = site.job(START, step(1, **{"train/loss": [2.5]}), END)
    site.await_status(job, "completed")
    assert site.statuses(job) == ["queued", "claimed", "running", "completed"]
    assert site.attempts(job) == [(1, "completed")]
    started, completed, revision, artifacts, worker, final = site.one(
        "select j.started_at, j.completed_at, j.revision, j.artifacts,"
        " t.worker, t.final_event from trainyard.job j"
        " join trainyard.attempt t on t.job_id = j.id where j.id = %s", job)
    assert started < completed
    assert revision > 3
    assert artifacts == {"checkpoints": ["a", "b"], "worker_id": worker}
    assert final == "training_end"


def test_arrays_are_appended_and_the_last_event_replaces(site):
    gate = site.gate()
    site.dispatcher()
    job = site.job(
        START, step(1, loss=[2.5], best=9), step(2, loss=[1.5], best=8),
        {"gate": gate.path}, END)
    gate.reached()
    site.await_sql("select metrics ->> 'best' = '8' from trainyard.job"
                   " where id = %s", job)
    assert dict(site.run(SERIES, job)) == {"steps": [1, 2],
                                           "loss": [2.5, 1.5]}
    assert site.value("select metrics from trainyard.job where id = %s",
                      job) == {"best": 8}
    gate.open()
    site.await_status(job, "completed")
    assert dict(site.run(SERIES, job)) == {
        "steps": [1, 2], "loss": [2.5, 1.5], "train_loss": [3, 2, 1]}
    assert site.value("select metrics from trainyard.job where id = %s",
                      job) == {"best": 8, "train/steps": 3}


def test_a_scalar_replaces_a_series_and_a_series_a_scalar(site):
    site.dispatcher()
    job = site.job(
        START, step(1, a=[1], b=1), step(2, a=7, b=[2]), step(3, b=[3]),
        {"event": {"event_type": "training_end"}})
    site.await_status(job, "completed")
    assert site.value("select metrics from trainyard.job where id = %s",
                      job) == {"a": 7}
    assert dict(site.run(SERIES, job)) == {"steps": [1, 2, 3], "b": [2, 3]}


def test_what_was_sent_is_kept_row_by_row(site):
    site.dispatcher()
    job = site.job(START, step(1, x=[0.5]), step(2, x=[0.25]), END)
    site.await_status(job, "completed")
    rows = site.run("select event_type, step, metrics from"
                    " trainyard.job_metric where job_id = %s order by seq",
                    job)
    assert rows == [
        ("step_complete", 1, {"steps": [1], "x": [0.5]}),
        ("step_complete", 2, {"steps": [2], "x": [0.25]}),
        ("training_end", None, END["event"]["metrics"])]


def test_messages_and_other_lines_are_log_lines(site):
    site.dispatcher()
    job = site.job(
        START, {"print": "an ordinary line\r\nand another\n\n"},
        {"stderr": "a complaint\n"},
        {"event": {"event_type": "eval_complete", "level": "warning",
                   "message": "odd", "data": {"n": 1}}}, END)
    site.await_status(job, "completed")
    rows = site.run("select level, message, data from trainyard.job_log"
                    " where job_id = %s order by seq", job)
    assert sorted(m for _, m, _ in rows) == sorted([
        "started", "an ordinary line", "and another", "a complaint", "odd",
        "Training complete"])
    assert (2, "odd", {"n": 1}) in rows


def test_the_runner_is_told_what_the_contract_says(site):
    site.dispatcher()
    job = site.job(START, {"tell": None}, END, learning_rate=0.5)
    site.await_status(job, "completed")
    told, = site.run("select data from trainyard.job_log where job_id = %s"
                     " and message = 'told'", job)[0]
    folder = str(site.workdir(job))
    env = told["env"]
    assert {k: v for k, v in env.items() if k.startswith("TRAINYARD_")} == {
        "TRAINYARD_JOB": folder + "/job.json",
        "TRAINYARD_WORKDIR": folder, "TRAINYARD_ATTEMPT": "1",
        "TRAINYARD_RESUME": ""}
    assert set(env) - {"LC_CTYPE"} <= {
        "PATH", "HOME", "LANG", "TMPDIR", "TRAINYARD_JOB",
        "TRAINYARD_WORKDIR", "TRAINYARD_ATTEMPT", "TRAINYARD_RESUME"}
    assert told["cwd"] == folder
    document = told["job"]
    assert document["job_id"] == job
    assert document["config"]["learning_rate"] == 0.5
    assert list(document) == [
        "schema_version", "job_id", "organization_id", "workspace_id",
        "created_by", "name", "backend", "trainer_type", "algorithm",
        "model", "project_ref", "run_ref", "tags", "config", "capability",
        "dataset", "trajectory_datasets", "eval_dataset"]
    assert (document["backend"], document["trainer_type"]) == (
        "tinker", "sft")


def test_references_are_resolved_to_files(site):
    site.dispatcher()
    digest = "ab" * 32
    ids = []
    seen = {"format": "json", "checked": "complete", "row_count": 7,
            "splits": {"train": 5, "test": 2}}
    for kind, name, summary in (
            ("dataset", "rows", None),
            ("trajectory_dataset", "paths", seen),
            ("dataset", "part", seen | {"checked": "partial"})):
        ids.append(site.value(
            "insert into trainyard.artifact (workspace_id, id, kind, name,"
            " version, media_type, size, sha256, created_by, dataset)"
            " values (%s, gen_random_uuid(), %s, %s, '1.0',"
            " 'application/jsonl', 5, decode(%s, 'hex'), %s, %s)"
            " returning id", site.ws, kind, name, digest, site.user,
            summary and json.dumps(summary)))
    gate = site.gate()
    site.run("begin")
    job = site.job(START, {"gate": gate.path}, END)
    site.run("update trainyard.job set refs = %s where id = %s",
             json.dumps([{"role": role, "position": 0,
                          "workspace_id": str(site.ws), "id": str(artifact)}
                         for role, artifact in zip(
                             ("dataset", "trajectory_dataset",
                              "eval_dataset"), ids)]), job)
    site.run("commit")
    gate.reached()
    document = json.loads((site.workdir(job) / "job.json").read_text())
    gate.open()
    path = f"{site.data}/blobs/ab/{digest[2:]}"
    assert document["dataset"] == {
        "id": ids[0], "reference": "rows@1.0", "name": "rows",
        "version": "1.0", "format": "jsonl", "row_count": None, "splits": [],
        "artifacts": {"path": path, "uri": None,
                      "media_type": "application/jsonl", "size": 5,
                      "sha256": digest}, "summary": {}}
    (paths,) = document["trajectory_datasets"]
    part = document["eval_dataset"]
    keys = ("name", "format", "row_count", "splits", "summary")
    assert [paths[k] for k in keys] == [
        "paths", "json", 7, ["train", "test"], seen]
    # how many rows there are is not known
    assert [part[k] for k in keys] == [
        "part", "json", None, ["train", "test"],
        seen | {"checked": "partial"}]
    site.await_status(job, "completed")


def test_a_training_error_fails_the_job_with_its_words(site):
    site.dispatcher()
    job = site.job(START, {"event": {
        "event_type": "training_error", "level": "error",
        "message": "no memory", "error": "no memory"}})
    site.await_status(job, "failed")
    assert site.one("select error, error_type from trainyard.job"
                    " where id = %s", job) == ("no memory", "internal_error")
    assert site.attempts(job) == [(1, "failed")]
    assert site.logs(job, 3) == ["no memory"]


def test_exit_without_an_end_is_a_failure_with_the_last_words(site):
    site.dispatcher()
    job = site.job(START, {"stderr": "1\n2\n3\n4\n5\nthe reason\n"},
                   {"exit": 3})
    site.await_status(job, "failed")
    error = site.value("select error from trainyard.job where id = %s", job)
    assert error == "the runner exited with status 3: 2\n3\n4\n5\nthe reason"
    assert error in site.logs(job, 3)


def test_exit_0_without_an_end_is_a_failure(site):
    site.dispatcher()
    job = site.job(START)
    site.await_status(job, "failed")
    assert site.value("select error from trainyard.job where id = %s",
                      job) == "the runner ended without reporting an end"


def test_a_runner_that_says_nothing_at_all_fails(site):
    site.dispatcher()
    job = site.job({"exit": 1})
    site.await_status(job, "failed")
    assert site.statuses(job) == ["queued", "claimed", "failed"]


def test_a_runner_that_is_killed_fails(site):
    site.dispatcher()
    job = site.job(START, {"signal": 9})
    site.await_status(job, "failed")
    assert site.value("select error from trainyard.job where id = %s",
                      job) == "the runner was ended by signal 9 (Killed)"


def test_a_command_that_cannot_be_run_fails_the_job(site, tmp_path):
    script = tmp_path / "broken"
    script.write_text("#!/nonexistent/interpreter\n")
    script.chmod(0o755)
    site.dispatcher(runner_tinker_sft=script)
    job = site.job(START)
    site.await_status(job, "failed")
    assert "cannot run" in site.value(
        "select error from trainyard.job where id = %s", job)


def test_a_kind_without_a_runner_stays_queued(site):
    d = site.dispatcher(runner_tinker_sft="/nonexistent/runner")
    d.await_line("runner cannot be found", "kind=tinker_sft")
    d.await_line("no runner", "kind=ray_grpo")
    other = site.job(START, END)
    grpo = site.job(START, END, kind="ray_grpo")
    d2 = site.dispatcher()
    site.await_status(other, "completed")
    assert site.status(grpo) == "queued"
    assert not d.has("claimed")
    d2.await_line("claimed")


def test_events_that_are_none_are_told_and_do_no_harm(site):
    site.dispatcher()
    bad = [
        '{"event_type": "training_begin"}',
        '{"event_type": "step_complete", "metric": {}}',
        '{"event_type": "step_complete", "metrics": [1]}',
        '{"event_type": "step_complete", "level": "loud"}',
        '{"event_type": "step_complete", "message": 7}',
        '{"event_type": "step_complete", "message": "a\\u0000b"}',
        '{"event_type": "step_complete", "data": {"a\\u0000b": 1}}',
    ]
    plain = ['{"no": "event"}', '{"event_type": ', '[1]', 'null', '{}']
    job = site.job(START, {"print": "\n".join(bad + plain) + "\n"}, END)
    site.await_status(job, "completed")
    assert [m for m in site.logs(job, 2)
            if m.startswith("event refused: ")] == site.logs(job, 2)
    assert len(site.logs(job, 2)) == len(bad)
    assert [m for m in site.logs(job, 1) if m in plain] == plain


def test_bytes_that_are_no_text_are_made_text(site):
    site.dispatcher()
    job = site.job(START, {"bytes": "61ff00c3a90a"}, END)
    site.await_status(job, "completed")
    assert "a\ufffd\ufffd\u00e9" in site.logs(job)


def test_a_huge_line_is_cut_and_what_follows_is_read(site):
    site.dispatcher()
    job = site.job(START, {"long": 3_000_000}, {"long": 1024 * 1024},
                   {"print": "after\n"}, END)
    site.await_status(job, "completed")
    logs = site.logs(job)
    long = [m for m in logs if m.startswith("x")]
    assert len(long) == 2 and all(m.endswith(" [cut]") for m in long)
    assert "after" in logs


def test_many_lines_all_arrive_once_and_in_order(site):
    site.dispatcher()
    lines = [f"line {n}" for n in range(5000)]
    job = site.job(START, {"print": "\n".join(lines) + "\n"}, END)
    site.await_status(job, "completed")
    assert [m for m in site.logs(job) if m.startswith("line ")] == lines


def test_a_last_line_without_its_end_counts(site):
    site.dispatcher()
    job = site.job(START, {"print": json.dumps(END["event"])})
    site.await_status(job, "completed")


def test_nothing_after_the_last_event_counts(site):
    gate = site.gate()
    site.dispatcher()
    job = site.job(START, END, step(9, late=[1]), {"print": "late\n"},
                   {"gate": gate.path})
    # nobody opens it: the runner may have been ended, at last, by then
    gate.reached()
    site.await_status(job, "completed")
    assert "late" not in site.logs(job)
    assert site.value("select count(*) from trainyard.job_series"
                      " where job_id = %s and key = 'late'", job) == 0


def test_a_long_series_keeps_its_newest_points(site):
    site.dispatcher()
    job = site.job(START, *[step(n, x=list(range(n * 30000, n * 30000 + 30000)))
                            for n in range(5)],
                   {"event": {"event_type": "training_end"}})
    site.await_status(job, "completed")
    rows = [p for p, in site.run(
        "select points from trainyard.job_series where job_id = %s"
        " and key = 'x' order by seq", job)]
    points = [x for row in rows for x in row]
    assert points[-1] == 149_999
    assert points[-100_000] == 50_000
    assert points == list(range(points[0], 150_000))
