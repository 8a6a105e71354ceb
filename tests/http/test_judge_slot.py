# SPDX-License-Identifier: BSD-2-Clause
"""Changes of a judge while a job is making a version of it."""
import concurrent.futures

import pytest

from judges import is_id


@pytest.fixture
def busy(judges):
    """A judge and the job in its slot."""
    key = judges.trained()
    reply = judges.create(key)
    assert reply.status_code == 201, reply.text
    return key, reply.json()["job_id"]


def test_the_job_makes_the_status(judges):
    key = judges.trained()
    assert judges.create(key).status_code == 201

    def seen():
        got = judges.api.get(f"/judges/{key}").json()
        in_list = [
            s for s in ("learning", "ready", "training")
            for j in judges.api.get("/judges", params={
                "status": s, "limit": 100}).json()["judges"]
            if j["id"] == key]
        assert in_list == [got["status"]]
        return (got["status"], got["training_progress"],
                got["active_job_id"] is not None)

    def move(status, progress):
        judges.set_status(key, status)
        judges.query("update trainyard.job set progress = %s where judge_id ="
                     " (select id from trainyard.judge where key = %s)",
                     progress, key)
        return seen()

    assert seen() == ("learning", 0, True)
    assert move("preparing", 5) == ("training", 5, True)
    assert move("training", 47) == ("training", 47, True)
    assert is_id(judges.api.get(f"/judges/{key}").json()["active_job_id"],
                 "train_job_")
    assert move("cancelled", 47) == ("learning", 0, False)
    judges.query("update trainyard.judge set is_trained = true"
                 " where key = %s", key)
    assert seen() == ("ready", 100, False)


def test_criteria_stay_as_they_are(judges, busy, envelope):
    key, job = busy
    before = judges.api.get(f"/judges/{key}").json()
    for criteria in ([{"name": "Tone"}], before["criteria"]):
        reply = judges.api.put(f"/judges/{key}", json={"criteria": criteria})
        assert envelope(reply, 409, "job_already_active_error")["detail"] == (
            f"judge {key} already has an active job: {job}")
    assert judges.api.get(f"/judges/{key}").json() == before


def test_anything_else_may_change(judges, busy):
    reply = judges.api.put(f"/judges/{busy[0]}", json={"name": "Meanwhile"})
    assert (reply.status_code, reply.json()["version_number"]) == (200, 2)
    assert reply.json()["active_job_id"] == busy[1]


def test_judge_is_not_archived(judges, busy, envelope):
    key, job = busy
    reply = judges.api.delete(f"/judges/{key}")
    assert job in envelope(reply, 409, "job_already_active_error")["detail"]
    assert judges.api.get(f"/judges/{key}").json()["is_active"]


@pytest.mark.parametrize("how", [
    {"kind": "validation"}, {"options": {"auto_start": False}}])
def test_jobs_without_slot_hold_nothing_up(judges, how):
    key = judges.trained()
    assert judges.create(key, **how).status_code == 201
    reply = judges.api.put(f"/judges/{key}",
                           json={"criteria": [{"name": "Tone"}]})
    assert reply.status_code == 200
    assert judges.api.delete(f"/judges/{key}").status_code == 200


def test_of_a_job_and_new_criteria_the_first_decides(judges):
    outcomes = set()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for _ in range(12):
            key = judges.trained()
            put = pool.submit(judges.api.put, f"/judges/{key}",
                              json={"criteria": [{"name": "Clarity"}]})
            job = pool.submit(judges.create, key).result()
            outcome = (put.result().status_code, job.status_code,
                       job.json()["base_version_number"])
            outcomes.add(outcome)
    # a job never begins with criteria that are gone
    assert outcomes <= {(409, 201, 1), (200, 201, 2)}


def test_of_a_job_and_the_archive_the_first_decides(judges):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for _ in range(12):
            key = judges.trained()
            gone = pool.submit(judges.api.delete, f"/judges/{key}")
            job = pool.submit(judges.create, key)
            assert {gone.result().status_code, job.result().status_code} in (
                {409, 201}, {200, 409})
