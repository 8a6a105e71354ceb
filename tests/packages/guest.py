# SPDX-License-Identifier: BSD-2-Clause
"""What runs inside the machine under test: a client with a token.

    guest.py job            a judge with feedback, and a job: prints its id
    guest.py wait JOB       until it has ended: prints its status
    guest.py load FOLDER    requests until FOLDER/stop is there; prints what
                            did not get the answer that it should
"""
import http.client
import json
import os
import pathlib
import random
import ssl
import sys
import threading
import time

TOKEN = pathlib.Path("/var/tmp/token").read_text().strip()
TLS = ssl.create_default_context(cafile="/etc/trainyard/ca.pem")
THREADS = 4
PAUSE = 0.02  # below the site's 300 requests a second


def call(method, path, body=None):
    """Status and body; a connection of its own each time."""
    conn = http.client.HTTPSConnection("localhost", context=TLS, timeout=60)
    try:
        conn.request(method, path, json.dumps(body) if body else None, {
            "Authorization": f"Bearer {TOKEN}",
            "Content-Type": "application/json"})
        reply = conn.getresponse()
        return reply.status, reply.read()
    finally:
        conn.close()


def make(path, body):
    status, answer = call("POST", path, body)
    if status not in (200, 201, 202):
        sys.exit(f"POST {path}: {status} {answer}")
    return json.loads(answer)


def job():
    judge = make("/judges", {
        "name": f"Judge {os.urandom(4).hex()}", "description": "Grades.",
        "content_type": "text", "criteria": [{"name": "Clarity"}]})["id"]
    made = make("/evaluations/batch", {"judge_id": judge, "items": [
        {"content": f"Answer number {n}.",
         "criteria_scores": {"crit_clarity": 40 + n % 20}}
        for n in range(60)]})
    make("/feedback/batch", {"feedback_entries": [
        {"evaluation_id": e["evaluation_id"], "type": "correction",
         "content": {"corrected_scores": {
             "crit_clarity": 60 + random.randrange(20)}}}
        for e in made["results"]]})
    print(make("/training/jobs", {
        "judge_id": judge, "training_type": "incremental",
        "training_config": {"minimum_feedback_count": 20}})["job_id"])


def wait(name):
    end = time.monotonic() + 120
    while time.monotonic() < end:
        status = json.loads(call("GET", f"/training/jobs/{name}")[1])["status"]
        if status in ("completed", "failed", "cancelled"):
            break
        time.sleep(0.1)
    print(status)


class Load:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.lock = threading.Lock()
        self.done = 0
        self.failed = []

    def one(self, n):
        """What was wrong, or None."""
        if n % 2:
            status, body = call("GET", "/judges?limit=1")
        else:
            status, body = call("POST", "/judges", {
                "name": f"Load {os.urandom(8).hex()}", "description": "x",
                "content_type": "text", "criteria": [{"name": "Clarity"}]})
        return None if status == (201, 200)[n % 2] else f"{status} {body!r}"

    def work(self, n):
        while not (self.folder / "stop").exists():
            n += 1
            try:
                wrong = self.one(n)
            except (OSError, http.client.HTTPException) as error:
                wrong = repr(error)
            with self.lock:
                self.done += 1
                if wrong is not None:
                    self.failed.append(wrong)
                    return
            time.sleep(PAUSE)

    def run(self):
        threads = [threading.Thread(target=self.work, args=(n,))
                   for n in range(THREADS)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            (self.folder / "new").write_text(str(self.done))
            (self.folder / "new").rename(self.folder / "done")
            time.sleep(0.05)
        print(json.dumps({"done": self.done, "failed": self.failed}))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["job"]:
            job()
        case ["wait", name]:
            wait(name)
        case ["load", folder]:
            Load(folder).run()
        case _:
            sys.exit(__doc__)
