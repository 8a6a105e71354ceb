# SPDX-License-Identifier: BSD-2-Clause
"""A runner that does what the job's config says: "steps", one after another.

"event" is printed, "post" goes over HTTP.

Gates are named pipes: the runner and the test meet there, nobody sleeps.
"""
import json
import os
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request


def say(text):
    sys.stdout.write(text)
    sys.stdout.flush()


def meet(path):
    """Tells the test that it is here, and waits to be let on."""
    with open(path + ".here", "w") as here:
        here.write("here")
    with open(path + ".go") as go:
        go.read()


def report(job, event):
    """Sends an event with the token of this attempt; tells the answer."""
    env = os.environ
    request = urllib.request.Request(
        f"{env['TRAINYARD_API']}/org/{env['TRAINYARD_ORG']}"
        f"/ws/{env['TRAINYARD_WS']}/training/jobs/{job['job_id']}/progress",
        json.dumps(event).encode(), {
            "Authorization": f"Bearer {env['TRAINYARD_TOKEN']}",
            "Content-Type": "application/json"})
    send(request)


def send(request):
    """The answer's status, and its type when it is a refusal, are kept."""
    tls = ssl.create_default_context(cafile=os.environ["TRAINYARD_CA"])
    try:
        with urllib.request.urlopen(request, context=tls) as reply:
            answer = str(reply.status)
    except urllib.error.HTTPError as error:
        answer = f"{error.code} {json.load(error)['type']}"
    with open("answers", "a") as answers:
        answers.write(answer + "\n")


def publish(name):
    """Puts an artifact with the token of this attempt; tells the answer."""
    env = os.environ
    request = urllib.request.Request(
        f"{env['TRAINYARD_API']}/org/{env['TRAINYARD_ORG']}"
        f"/ws/{env['TRAINYARD_WS']}/artifacts/{name}", b"weights",
        {"Authorization": f"Bearer {env['TRAINYARD_TOKEN']}"}, method="PUT")
    send(request)


def run(step, job):
    (word, arg), = step.items()
    if word == "event":
        say(json.dumps(arg) + "\n")
    elif word == "print":
        say(arg)
    elif word == "long":
        say("x" * arg + "\n")
    elif word == "stderr":
        os.write(2, arg.encode())
    elif word == "bytes":
        os.write(1, bytes.fromhex(arg))
    elif word == "post":
        report(job, arg)
    elif word == "put":
        publish(arg)
    elif word == "gate":
        meet(arg)
    elif word == "work":
        time.sleep(arg)
    elif word == "exit":
        sys.exit(arg)
    elif word == "signal":
        os.kill(os.getpid(), arg)
    elif word == "ignore":
        signal.signal(arg, signal.SIG_IGN)
    elif word == "on_term":
        # leaves with this status, as after writing a checkpoint
        signal.signal(signal.SIGTERM, lambda *_: os._exit(arg))
    elif word == "checkpoint":
        path = os.path.join(os.environ["TRAINYARD_WORKDIR"], arg)
        with open(path, "w") as f:
            f.write("state")
        say(json.dumps({"event_type": "checkpoint_saved",
                        "artifacts": {"latest_checkpoint": path}}) + "\n")
    elif word == "child":
        # one that leaves the group and would like to stay
        subprocess.Popen(["sleep", "600"], start_new_session=arg)
    elif word == "tell":
        # what the runner was given, as metrics' data
        say(json.dumps({"event_type": "eval_complete", "message": "told",
                        "data": {"env": dict(os.environ), "job": job,
                                 "cwd": os.getcwd(),
                                 "resume": os.environ["TRAINYARD_RESUME"]}})
            + "\n")
    elif word == "on_attempt":
        if os.environ["TRAINYARD_ATTEMPT"] == str(arg["number"]):
            for one in arg["steps"]:
                run(one, job)
    else:
        raise ValueError(word)


def main():
    with open(os.environ["TRAINYARD_JOB"]) as f:
        job = json.load(f)
    # what was created over HTTP has them in a file
    steps = job["config"].get("steps")
    if steps is None:
        with open(job["run_ref"]) as f:
            steps = json.load(f)
    for step in steps:
        run(step, job)


if __name__ == "__main__":
    main()
