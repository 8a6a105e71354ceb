# SPDX-License-Identifier: BSD-2-Clause
"""What a dispatcher counts of the jobs in its hands."""
import signal

import pytest

import scrapes
from hosted import await_true
from reports import END as END_EVENT, START as START_EVENT

START, END = {"event": START_EVENT}, {"event": END_EVENT}


@pytest.fixture
def scrape():
    with scrapes.Scrape() as made:
        yield made


def test_a_job_is_counted_from_its_claim_to_its_end(site, scrape):
    site.dispatcher(metrics_dispatcher=scrape.path)
    gate = site.gate()
    job = site.job(START, {"gate": gate.path}, END)
    gate.reached()
    kind = {"kind": "tinker_sft"}
    assert scrape.value("trainyard_jobs_claimed_total", **kind) == 1
    # set at the end of a turn
    await_true(lambda: scrape.value("trainyard_dispatcher_runs") == 1,
               "a run")
    await_true(lambda: scrape.value("trainyard_dispatcher_slots") == 4,
               "the slots")
    gate.open()
    site.await_status(job, "completed")
    # counted once it is committed
    await_true(lambda: scrape.value("trainyard_jobs_ended_total",
                                    status="completed", **kind) == 1,
               "an end")
    assert scrape.value("trainyard_jobs_ended_total") == 1
    assert scrape.value("trainyard_claim_seconds_count") >= 1


def test_lost_leases_and_stale_workers_are_counted(site, scrape):
    gate = site.gate()
    with scrapes.Scrape() as other_scrape:
        asleep = site.dispatcher(lease_seconds=3,
                                 metrics_dispatcher=scrape.path)
        job = site.job(
            {"on_attempt": {"number": 1, "steps": [
                START, {"gate": gate.path}, END]}},
            {"on_attempt": {"number": 2, "steps": [START, END]}})
        gate.reached()
        asleep.stop_clock()
        gate.open()
        other = site.dispatcher(lease_seconds=3,
                                metrics_dispatcher=other_scrape.path)
        other.await_line("lease over", job)
        assert other_scrape.value("trainyard_leases_lost_total") == 1
        asleep.kill(signal.SIGCONT)
        asleep.await_line("superseded attempt", job)
        assert scrape.value("trainyard_stale_writes_total") == 1
        assert other_scrape.value("trainyard_stale_writes_total") == 0


def test_a_restart_counts_what_it_finds_again(site, scrape):
    gate = site.gate()
    first = site.dispatcher()
    site.job(START, {"gate": gate.path}, END)
    gate.reached()
    assert first.end() == 0
    site.dispatcher(metrics_dispatcher=scrape.path)
    assert scrape.value("trainyard_jobs_recovered_total") == 1
    assert scrape.value("trainyard_jobs_claimed_total") == 0
    gate.open()


def test_an_address_is_taken_as_host_and_port(site):
    made = site.dispatcher(metrics_dispatcher="127.0.0.1:0")
    made.await_line("metrics address=127.0.0.1:0")


def test_an_address_that_is_none_ends_the_start(site):
    made = site.dispatcher(ready=False, metrics_dispatcher="127.0.0.1")
    made.await_line("neither HOST:PORT nor a path")
    assert made.process.wait() == 1


def test_a_dispatcher_is_listed_while_it_is_there(site):
    made = site.dispatcher()
    worker = site.await_sql("select worker from trainyard.dispatcher"
                            " where stopped_at is null")
    assert worker in made.text()
    assert site.one("select kinds, engines, slots, runs"
                    " from trainyard.dispatcher") == (
        ["judge", "tinker_sft"], ["local", "local"], 4, 0)
    assert made.end() == 0
    assert site.value("select stopped_at is not null"
                      " from trainyard.dispatcher")
