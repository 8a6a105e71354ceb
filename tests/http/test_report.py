# SPDX-License-Identifier: BSD-2-Clause
"""The report of a judge job: made by the trainer, served as JSON and page."""
import html.parser
import threading

import pytest

from harness import PATIENCE
from hosted import Place
from idle_judges import Judges, idle_stack
from judges import new_batch, new_judge

NASTY = """<script>alert("1")</script> & 'co'"""
POLICY = ("default-src 'none'; style-src 'unsafe-inline'; img-src data:")
PAGE = "text/html,application/xhtml+xml,*/*;q=0.8"


@pytest.fixture(scope="module")
def judge(stack):
    """A judge with feedback of two people on forty evaluations."""
    judges = Judges(stack)
    key = new_judge(judges.api, criteria=[
        {"name": NASTY, "id": "crit_clarity"},
        {"name": "Accuracy", "id": "crit_accuracy"}])
    _, ids = new_batch(judges.api, key, 40)
    for person, shift in (("ann@raters", 5), ("bob@raters", -5)):
        reply = judges.api.post("/feedback/batch", json={
            "feedback_entries": [
                {"evaluation_id": one, "type": "correction", "content": {
                    "corrected_scores": {
                        "crit_clarity": 50 + shift + n % 7,
                        "crit_accuracy": 40 + shift + n % 5}}}
                for n, one in enumerate(ids)],
            "feedback_options": {"submitted_by": person}})
        assert reply.json()["failed_count"] == 0, reply.text
    yield judges, key
    judges.close()


def ended(judges, key, kind="full_retrain", **config):
    reply = judges.create(key, kind, config)
    assert reply.status_code == 201, reply.text
    job, poll = reply.json()["job_id"], threading.Event()
    for _ in range(int(PATIENCE * 20)):
        reply = judges.api.get(f"/training/jobs/{job}").json()
        if reply["status"] in ("completed", "failed", "cancelled"):
            break
        poll.wait(0.05)
    assert reply["status"] == "completed", reply
    return reply


@pytest.fixture(scope="module")
def job(judge):
    return ended(*judge, optimize="qwk")


def test_the_report_tells_what_was_learned(judge, job):
    reply = judge[0].api.get(f"/training/jobs/{job['job_id']}/report")
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "application/json"
    got = reply.json()
    assert got["job_id"] == job["job_id"]
    assert got["judge_id"] == judge[1]
    assert got["validation_results"] == job["validation_results"]
    assert got["chosen"]["optimize"] == "qwk"
    assert sum(s["chosen"] for s in got["chosen"]["sources"]) == 1
    assert got["data"]["evaluations"] == 40
    assert got["data"]["raters"] == 2
    assert got["learning_curve"]["epochs"] == len(
        got["learning_curve"]["train/mae"])
    assert sum(got["errors"]["trained"]) == got["data"]["held_out_labels"]
    assert all(one["evaluation_id"].startswith("eval_")
               for one in got["disagreements"])
    assert "@raters" not in reply.text


def test_a_validation_has_a_report_too(judge):
    job = ended(*judge, kind="validation")
    got = judge[0].api.get(f"/training/jobs/{job['job_id']}/report").json()
    assert got["chosen"] is None and got["learning_curve"] is None
    assert "trained" not in got["calibration"]["pooled"]


class Page(html.parser.HTMLParser):
    """What a browser would see, and whether it would fetch anything."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.text, self.fetched = [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.fetched += [value for name, value in attrs
                         if name in ("src", "href", "srcset", "action")]

    def handle_data(self, data):
        self.text.append(data)


@pytest.mark.parametrize("query, accept", [
    ("", PAGE), ("?format=html", "*/*"), ("?format=html", "application/json"),
    ("", "application/json;q=0.2, text/html;q=0.9")])
def test_the_page_needs_nothing_and_escapes_all(judge, job, query, accept):
    reply = judge[0].api.get(f"/training/jobs/{job['job_id']}/report{query}",
                             headers={"Accept": accept})
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert reply.headers["content-security-policy"] == POLICY
    assert "Accept" in reply.headers["vary"].split(", ")
    page = Page(reply.text)
    assert "script" not in page.tags and "svg" in page.tags
    assert page.fetched == [] and "url(" not in reply.text
    assert NASTY in "".join(page.text)
    assert job["job_id"] in "".join(page.text)


@pytest.mark.parametrize("query, accept", [
    ("", "*/*"), ("?format=json", PAGE), ("", "application/json, text/html"),
    ("", "text/htmlish"), ("", "text/html;q=0, */*")])
def test_who_does_not_like_pages_better_gets_json(judge, job, query, accept):
    reply = judge[0].api.get(f"/training/jobs/{job['job_id']}/report{query}",
                             headers={"Accept": accept})
    assert reply.headers["content-type"] == "application/json"
    assert "content-security-policy" not in reply.headers
    assert reply.json()["schema_version"] == "1"


def test_a_report_never_changes(judge, job):
    path = f"/training/jobs/{job['job_id']}/report"
    tags = [judge[0].api.get(path, headers={"Accept": accept}).headers["etag"]
            for accept in ("*/*", PAGE)]
    assert tags[0] != tags[1]
    again = judge[0].api.get(path, headers={"If-None-Match": tags[0]})
    assert again.status_code == 304 and again.text == ""
    other = judge[0].api.get(path, headers={"If-None-Match": tags[1]})
    assert other.status_code == 200


def test_there_is_none_before_the_end(tmp_path):
    with idle_stack(tmp_path) as stack:
        judges = Judges(stack)
        job = judges.create(judges.trained()).json()["job_id"]
        reply = judges.api.get(f"/training/jobs/{job}/report")
        assert reply.status_code == 404
        assert "no report" in reply.json()["detail"]
        judges.close()


@pytest.mark.parametrize("job_id", [
    "train_job_01hm6aqh20e28bcsqs4tn4wpw8", "nonsense"])
def test_no_such_job(api, job_id):
    reply = api.get(f"/training/jobs/{job_id}/report")
    assert reply.status_code == 404
    assert reply.json()["detail"] == "no such job"


def test_another_workspace_sees_nothing(stack, job):
    other = Place(stack, "report-other")
    reply = other.http.get(f"/training/jobs/{job['job_id']}/report")
    assert reply.status_code == 404
    other.close()


def test_another_format_is_refused(api, job):
    reply = api.get(f"/training/jobs/{job['job_id']}/report?format=pdf")
    assert reply.status_code == 422
    assert reply.json()["errors"][0]["type"] == "literal_error"
