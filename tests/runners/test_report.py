# SPDX-License-Identifier: BSD-2-Clause
"""Events that go to the server instead of standard output."""
import http.server
import json
import threading

import pytest


class Server(http.server.ThreadingHTTPServer):
    """Answers with the given statuses in turn, the last one for ever."""

    def __init__(self, statuses):
        super().__init__(("127.0.0.1", 0), Handler)
        self.statuses = list(statuses)
        self.requests = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def environ(self):
        return {"TRAINYARD_REPORT": "api", "TRAINYARD_ORG": "acme",
                "TRAINYARD_WS": "main", "TRAINYARD_TOKEN": "ty_job_x",
                "TRAINYARD_API": f"http://127.0.0.1:{self.server_port}/api/v1"}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server = self.server
        server.requests.append((self.path, dict(self.headers),
                                json.loads(body)))
        status = server.statuses[0]
        if len(server.statuses) > 1:
            server.statuses.pop(0)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(b'{"detail": "told"}')

    def log_message(self, *_):
        pass


@pytest.fixture
def serve():
    made = []
    yield lambda *statuses: made.append(Server(statuses)) or made[-1]
    for server in made:
        server.shutdown()
        server.server_close()


def test_events_go_to_the_job_with_the_token_of_the_attempt(jobs, digits,
                                                            serve):
    server = serve(200)
    run = jobs.run(digits(steps=2), environ=server.environ())
    assert run.end() == 0 and run.events == []
    assert [body["event_type"] for _, _, body in server.requests] == [
        "training_start", "step_complete", "step_complete",
        "checkpoint_saved", "training_end"]
    for path, headers, _ in server.requests:
        assert path == ("/api/v1/org/acme/ws/main/training/jobs/"
                        "01a223c6-f3bb-7ad7-899f-d0b15dacb76f/progress")
        assert headers["Authorization"] == "Bearer ty_job_x"
        assert headers["Prefer"] == "return=minimal"
    keys = [headers["Idempotency-Key"] for _, headers, _ in server.requests]
    assert len(set(keys)) == len(keys)


def test_an_event_without_an_answer_is_sent_again_under_its_key(jobs, digits,
                                                                serve):
    server = serve(503, 429, 200)
    run = jobs.run(digits(steps=1), environ=server.environ())
    assert run.end() == 0
    first, second, third, fourth = (
        headers["Idempotency-Key"] for _, headers, _ in server.requests[:4])
    assert first == second == third != fourth


@pytest.mark.parametrize("status", [401, 404, 409])
def test_who_is_refused_stops_at_once(jobs, digits, serve, status):
    server = serve(200, 200, status)
    run = jobs.run(digits(steps=50), environ=server.environ())
    assert run.end() == 75
    assert len(server.requests) == 3
    assert "told" in run.stderr()
