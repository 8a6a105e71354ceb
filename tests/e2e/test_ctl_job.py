# SPDX-License-Identifier: BSD-2-Clause
"""Jobs in the hands of the trainyard command, without any server."""
JOB = "019b8d2b-8c00-7e22-9d3f-6cae204f7b51"


def test_jobs_are_listed_and_shown(acme):
    acme.job_insert(JOB)
    for args in ((), ("acme",), ("acme/main",), ("--status", "queued")):
        job, = acme.json("job", "list", *args)
        assert (job["id"], job["name"], job["status"]) == (JOB, "first",
                                                           "queued")
    assert acme.json("job", "list", "--status", "failed") == []
    assert acme.json("job", "list", "other") == []
    shown = acme.json("job", "show", JOB)
    assert shown["workspace"] == "main"
    assert shown["config"] == {"steps": 3}
    assert "does not exist" in acme.fails("job", "show", JOB[:-1] + "2")


def test_jobs_are_cancelled_and_retried(acme):
    acme.job_insert(JOB)
    say = {"message": f"job {JOB} is cancelled"}
    assert acme.json("job", "cancel", JOB) == say
    assert acme.json("job", "cancel", JOB) == say       # as it is
    assert acme.out("job", "retry", JOB) == f"job {JOB} is queued\n"
    assert "job is queued and cannot be retried" in acme.fails(
        "job", "retry", JOB)
    shown = acme.json("job", "show", JOB)
    assert (shown["status"], shown["attempt"]) == ("queued", 2)
    trail = acme.json("audit", "list", "--org", "acme")[:2]
    assert [(a["action"], a["target"], a["workspace"]) for a in trail] == [
        ("job.retry", JOB, "main"), ("job.cancel", JOB, "main")]
    assert all(a["actor"].startswith("command:") for a in trail)
    for status in ("claimed", "running"):
        acme.execute("update trainyard.job set status = %s", status)
    assert acme.out("job", "cancel", JOB) == (
        f"job {JOB} is running and was asked to stop\n")
    acme.execute("update trainyard.job set status = 'completed',"
                 " completed_at = now()")
    for verb, done in (("cancel", "cancelled"), ("retry", "retried")):
        assert f"job is completed and cannot be {done}" in acme.fails(
            "job", verb, JOB)
        assert "does not exist" in acme.fails("job", verb, JOB[:-1] + "2")
        assert "is no job's id" in acme.fails("job", verb, "x", status=2)


def test_judge_jobs_are_cancelled_and_retried(acme):
    """By the judge face's rules."""
    acme.execute(
        "insert into trainyard.judge (workspace_id, id, key, content_type,"
        " created_by) select w.id, %s, 'jdg_a', 'text', a.id"
        " from trainyard.workspace w, trainyard.account a", JOB)

    def insert(tail, status):
        job = JOB[:-1] + tail
        acme.execute(
            "insert into trainyard.job (workspace_id, id, organization_id,"
            " face, kind, status, timeout_seconds, created_by, config,"
            " judge_id, training_type, options, base_version) select w.id,"
            " %s, w.organization_id, 'judge', 'judge', %s, 60, w.id, '{}',"
            " %s, 'incremental', '{}', 1 from trainyard.workspace w",
            job, status, JOB)
        return job

    def execution(job):
        return acme.execute("select execution_id from trainyard.job"
                            " where id = %s", job)[0][0]

    first = insert("2", "created")
    assert "job is created and cannot be retried" in acme.fails(
        "job", "retry", first)
    acme.out("job", "cancel", first)
    assert acme.json("job", "show", first)["status"] == "cancelled"
    assert execution(first) is None
    acme.out("job", "retry", first)
    assert acme.json("job", "show", first)["status"] == "queued"
    assert execution(first) is not None
    acme.out("job", "cancel", first)
    insert("3", "queued")
    assert "already has an active job" in acme.fails(
        "job", "retry", first)
    assert acme.json("job", "show", first)["status"] == "cancelled"
