# SPDX-License-Identifier: BSD-2-Clause
"""What a site allows its jobs, and what it gives them."""
import json
import os
import pathlib

import pytest

START = {"event": {"event_type": "training_start", "message": "started"}}
END = {"event": {"event_type": "training_end", "message": "over",
                 "metrics": {"train/steps": 3}}}


def limits(pid):
    """The soft limits of a process by name."""
    return {line[:26].strip(): line[26:].split()[0] for line in pathlib.Path(
        f"/proc/{pid}/limits").read_text().splitlines()}


def told(site, job):
    return json.loads(site.value(
        "select data::text from trainyard.job_log where job_id = %s"
        " and message = 'told'", job))["env"]


def error(site, job):
    site.await_status(job, "failed")
    return site.value("select error from trainyard.job where id = %s", job)


def test_memory_and_processor_time_are_limited(site):
    gate = site.gate()
    site.dispatcher(job_memory_mb=512, job_cpus=2, job_seconds=100)
    job = site.job(START, {"tell": None}, {"gate": gate.path}, END)
    site.under_way(job, gate)
    found = limits(site.keeper(job)[1])
    assert found["Max data size"] == str(512 << 20)
    assert 190 <= int(found["Max cpu time"]) <= 202
    gate.open()
    site.await_status(job, "completed")
    assert told(site, job)["OMP_NUM_THREADS"] == "2"


def test_without_limits_there_are_none(site):
    gate = site.gate()
    site.dispatcher()
    job = site.job(START, {"gate": gate.path}, END)
    site.under_way(job, gate)
    ours, theirs = limits(os.getpid()), limits(site.keeper(job)[1])
    gate.open()
    for name in ("Max data size", "Max cpu time"):
        assert theirs[name] == ours[name]


def test_no_job_gets_more_time_than_the_site_allows(site):
    gate = site.gate()
    site.dispatcher(job_seconds=1)
    job = site.job({"on_term": 3}, START, {"gate": gate.path}, END,
                   timeout=3600)
    assert error(site, job) == "timed out after 1 s"


def given(site, text, mode=0o600, **settings):
    path = site.folder / "runner.env"
    path.write_text(text)
    path.chmod(mode)
    site.dispatcher(**{"runner_env": path, **settings})
    return site.job(START, {"tell": None}, END)


def test_runners_get_the_sites_variables(site):
    job = given(site, "# keys\n\nHUB_TOKEN=a b'c=d\nLANG=C\n")
    site.await_status(job, "completed")
    env = told(site, job)
    assert env["HUB_TOKEN"] == "a b'c=d"
    # the site's before ours
    assert env["LANG"] == "C"


def test_a_credential_is_found_by_its_name(site):
    (site.folder / "keys").write_text("HUB_TOKEN=secret\n")
    (site.folder / "keys").chmod(0o440)
    site.dispatcher(runner_env="keys",
                    env={"CREDENTIALS_DIRECTORY": str(site.folder)})
    job = site.job(START, {"tell": None}, END)
    site.await_status(job, "completed")
    assert told(site, job)["HUB_TOKEN"] == "secret"


@pytest.mark.parametrize("text, mode, why", [
    ("HUB_TOKEN=hush\n", 0o640, "others may read it"),
    ("HUB_TOKEN=1\nhush\n", 0o600, "line 2"),
    ("TRAINYARD_TOKEN=hush\n", 0o600, "line 1"),
    ("1HUB=hush\n", 0o600, "line 1"),
    ("X=hush\n" * 20000, 0o600, "too long")])
def test_faulty_variables_fail_jobs_in_words(site, text, mode, why):
    job = given(site, text, mode)
    found = error(site, job)
    assert why in found and "hush" not in found
    assert "hush" not in site.dispatchers[0].text()
