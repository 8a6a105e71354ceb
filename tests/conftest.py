# SPDX-License-Identifier: BSD-2-Clause
"""Fixtures for every pytest suite: a running stack, clients, a database."""
import itertools
import json
import pathlib
import signal

import pytest

# helpers say what they compared, as tests do
pytest.register_assert_rewrite(
    *(path.stem for path in pathlib.Path(__file__).parent.glob("*.py")))

from harness import Stack, stack_in  # noqa: E402


def pytest_configure():
    """Who is terminated takes down what it has started, as on ^C."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture(scope="session")
def stack(tmp_path_factory):
    """One stack for the whole run.  Who breaks it uses fresh_stack."""
    # Tests are many and quick: limits stay on, out of their reach.
    with stack_in(tmp_path_factory.mktemp("stack"), "--rate-limit", "off",
                  "--set", "rate_limit=1000000") as running:
        yield running


@pytest.fixture
def fresh_stack(tmp_path):
    """Makes stacks of a test's own: fresh_stack("--set", "slots=0")."""
    made = []

    def make(*options):
        made.append(Stack(tmp_path / f"stack{len(made)}"))
        return made[-1].up(*options)

    yield make
    for one in made:
        one.down()


@pytest.fixture(scope="module", autouse=True)
def quiet_logs(request):
    """At the end of a module the shared stack's logs hold no fault.

    A module that provokes some names them: EXPECTED_LOG = [pattern, ...].
    """
    if not any("stack" in item.fixturenames for item in request.session.items
               if item.getparent(pytest.Module) is request.node):
        yield
        return
    running = request.getfixturevalue("stack")
    running.mark_logs()
    yield
    expected = getattr(request.module, "EXPECTED_LOG", ())
    assert running.log_faults(expected) == []


@pytest.fixture(scope="session")
def api(stack):
    """HTTP/1.1 with a token that may do everything in acme/main."""
    with stack.client(stack.token) as client:
        yield client


@pytest.fixture(scope="session")
def api2(stack):
    """The same over HTTP/2."""
    with stack.client(stack.token, http2=True) as client:
        yield client


@pytest.fixture(scope="session")
def anon(stack):
    """A client without token."""
    with stack.client() as client:
        yield client


@pytest.fixture
def db(stack):
    """A connection as the schema's owner, autocommit."""
    conn = stack.connect()
    yield conn
    conn.close()


@pytest.fixture(scope="session")
def serial():
    """Numbers that are new every time, for names."""
    return itertools.count(1)


@pytest.fixture
def envelope():
    """Checks the error object of a reply, whoever made it, and returns it."""

    def check(reply, status, kind):
        assert reply.status_code == status
        assert reply.headers.get_list("content-type") == ["application/json"]
        assert reply.headers.get_list("cache-control") == ["no-store"]
        body = json.loads(reply.content)
        assert set(body) - {"errors"} == {
            "code", "detail", "type", "request_id"}
        assert body["code"] == status
        assert body["type"] == kind
        assert 0 < len(body["detail"]) <= 500 and "\n" not in body["detail"]
        assert len(body["request_id"]) == 32
        assert reply.headers.get_list("x-request-id") == [body["request_id"]]
        return body

    return check
