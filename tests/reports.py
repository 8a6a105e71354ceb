# SPDX-License-Identifier: BSD-2-Clause
"""Events of workers, and what becomes of them."""
import json

from hosted import JSON

START = {"event_type": "training_start",
         "message": "Training started on trainyard/tiny-llama",
         "data": {"trainer_type": "sft", "backend": "tinker"}}
END = {"event_type": "training_end", "message": "Training complete",
       "metrics": {"train/loss": [3, 2], "train/steps": 2},
       "artifacts": {"checkpoints": ["a"]}}
ERROR = {"event_type": "training_error", "level": "error",
         "message": "no memory", "error": "no memory"}


def post(place, job, event, **headers):
    return place.http.post(
        f"{place.jobs}/{job['id']}/progress", content=json.dumps(event),
        headers={**JSON, **headers})


def posted(place, job, event, **headers):
    reply = post(place, job, event, **headers)
    assert reply.status_code == 200, reply.text
    return reply.json()


def get(place, job):
    return place.http.get(f"{place.jobs}/{job['id']}").json()


def step(n, **metrics):
    return {"event_type": "step_complete", "data": {"step": n},
            "metrics": {"steps": [n], **metrics}}


def written(place, job):
    """All that is stored of a job, but for its lease."""
    return [place.rows(sql, job["id"]) for sql in (
        "select to_jsonb(j) from trainyard.job j where id = %s",
        "select to_jsonb(t) from trainyard.attempt t"
        " where job_id = %s order by number",
        "select seq, message from trainyard.job_log where job_id = %s",
        "select seq from trainyard.job_metric where job_id = %s",
        "select seq from trainyard.job_series where job_id = %s",
        "select seq from trainyard.job_event where job_id = %s",
        "select seq from trainyard.audit where target = %s")]


def logs(place, job):
    return place.rows("select level, message, data from trainyard.job_log"
                      " where job_id = %s order by seq", job["id"])
