# SPDX-License-Identifier: BSD-2-Clause
"""A fake of Ray's Jobs API, for what a real cluster does not do on demand:
replies that are lost after acting, failures that are not true, a head that
hangs or has forgotten.  It runs nothing; tests/ray has the real one.
"""
import http.server
import json
import threading
import urllib.parse

TOKEN = "cluster-token-of-this-test"


class FakeRay(http.server.ThreadingHTTPServer):
    """jobs: what it knows, by submission id; the test changes it at will.

    faults: {"POST /api/jobs/": [fault, ...]}, each for one call: "lost" (acts,
    then hangs up), "hang" (acts when the test lets it), or (status, text)
    without acting.
    """
    daemon_threads = True

    def __init__(self, port=0):
        super().__init__(("127.0.0.1", port), Handler)
        self.jobs, self.logs, self.faults = {}, {}, {}
        self.calls, self.submitted = [], []
        self.released = threading.Event()
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}"

    def fault(self, call):
        with self.lock:
            self.calls.append(call)
            waiting = self.faults.get(call)
            return waiting.pop(0) if waiting else None

    def close(self):
        self.released.set()
        self.shutdown()
        self.server_close()

    # -- the API

    def submit(self, body):
        name = body["submission_id"]
        with self.lock:
            if name in self.jobs:
                return 400, f"Job with submission_id {name} already exists. " \
                    "Please use a different submission_id."
            self.submitted.append(body)
            self.jobs[name] = {"type": "SUBMISSION", "submission_id": name,
                               "status": "RUNNING", "error_type": None,
                               "message": None, "driver_exit_code": None}
        return 200, {"job_id": name, "submission_id": name}

    def answer(self, method, path, body):
        if path == "/api/version":
            return 200, {"version": "4", "ray_version": "0.0 (fake)"}
        if method == "POST" and path == "/api/jobs/":
            return self.submit(body)
        name, _, verb = path.removeprefix("/api/jobs/").partition("/")
        if name not in self.jobs:
            return 404, f"Job {name} does not exist"
        if verb == "stop":
            running = self.jobs[name]["status"] == "RUNNING"
            if running:
                self.jobs[name]["status"] = "STOPPED"
            return 200, {"stopped": running}
        if verb == "logs":
            return 200, {"logs": self.logs.get(name, "")}
        return 200, self.jobs[name]


class Handler(http.server.BaseHTTPRequestHandler):
    def handle_call(self):
        length = int(self.headers.get("Content-Length") or 0)
        text = self.rfile.read(length)
        path = urllib.parse.urlsplit(self.path).path
        fault = self.server.fault(f"{self.command} {path}")
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return self.reply(401, "Unauthorized: Missing authentication token")
        if isinstance(fault, tuple):
            return self.reply(*fault)
        if fault == "hang":
            self.server.released.wait()
        status, said = self.server.answer(
            self.command, path, json.loads(text) if text else None)
        if fault == "lost":
            self.close_connection = True
            return None
        return self.reply(status, said)

    do_GET = do_POST = do_DELETE = handle_call

    def reply(self, status, said):
        """Errors are plain text, as they are in Ray."""
        plain = isinstance(said, str)
        data = (said if plain else json.dumps(said)).encode()
        self.send_response(status)
        self.send_header("Content-Type",
                         "text/plain" if plain else "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass
