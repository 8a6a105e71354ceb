# SPDX-License-Identifier: BSD-2-Clause
"""What a site may change in nginx, and that it then does what it says."""
import json
import subprocess

import pytest

from harness import PATIENCE
from hosted import await_true
from nginxes import EXAMPLE, Nginx


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


# -- limits for each token

@pytest.fixture(scope="module")
def strict(stack):
    with Nginx(stack, [
            ("site.conf", 'default "";\n\t/healthz', "default all;\n\t/healthz"),
            ("site.conf", "zone=trainyard_token:10m rate=300r/s",
             "zone=trainyard_token:10m rate=1r/m"),
            ("site.conf", "zone=trainyard_token burst=600",
             "zone=trainyard_token burst=2")]) as made:
        yield made


@pytest.mark.parametrize("header", [
    lambda token: bearer(token), lambda token: {"X-API-Key": token}],
    ids=["bearer", "key"])
def test_a_token_that_asks_too_often_is_429(strict, stack, envelope, serial,
                                            header):
    one, other = (f"ty_key_{next(serial)}" for _ in range(2))
    with strict.client() as client:
        for _ in range(3):
            assert client.get("/judges", headers=header(one)
                              ).status_code == 401
        reply = client.get("/judges", headers=header(one))
        envelope(reply, 429, "rate_limit_error")
        assert int(reply.headers["retry-after"]) > 0
        assert client.get("/judges", headers=header(other)
                          ).status_code == 401
        assert client.get("/healthz", headers=header(one)).status_code == 200


# -- the access log

def log_lines(nginx, request_id):
    return [line for line in map(json.loads, (
        nginx.folder / "access.log").read_text().splitlines())
        if line["request_id"] == request_id]


@pytest.fixture(scope="module")
def front(stack):
    with Nginx(stack) as made:
        yield made


@pytest.mark.parametrize("path, status, route", [
    ("/judges", 200, "/judges"),
    ("/judges/jdg_none", 404, "/judges/{judge_id}"),
    ("/nowhere", 404, ""), ("/docs", 200, "")])
def test_the_access_log_has_the_route(front, stack, path, status, route):
    with front.client(**bearer(stack.token)) as client:
        reply = client.get(path)
    assert reply.status_code == status
    assert "x-trainyard-route" not in reply.headers
    await_true(lambda: log_lines(front, reply.headers["x-request-id"]),
               "the line")
    line, = log_lines(front, reply.headers["x-request-id"])
    assert (line["route"], line["status"]) == (route, status)
    assert line["request"] == f"GET {path} HTTP/1.1"


# -- HSTS

PLACES = ["/judges", "/docs", "/openapi.json", "/nowhere", "/healthz"]


@pytest.mark.parametrize("path", PLACES)
def test_without_a_word_of_the_site_there_is_no_hsts(front, path):
    with front.client() as client:
        assert "strict-transport-security" not in client.get(path).headers


def test_hsts_is_told_everywhere_but_over_plain_http(stack):
    with Nginx(stack, [("site.conf", 'on "";', 'on "max-age=3600";')]) as made:
        with made.client() as client:
            for path in PLACES:
                assert client.get(path).headers.get_list(
                    "strict-transport-security") == ["max-age=3600"], path
        with made.plain() as client:
            reply = client.get("/judges")
            assert reply.status_code == 426
            assert "strict-transport-security" not in reply.headers


# -- certificates of workers

def openssl(*args):
    subprocess.run(["openssl", *args], check=True, capture_output=True,
                   timeout=PATIENCE)


def authority(folder, name):
    """A CA and a certificate that it has signed: (CA, (certificate, key))."""
    ca, key, cert = (folder / f"{name}.{part}" for part in
                     ("ca", "key", "pem"))
    new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
           "-nodes"]
    openssl("req", "-x509", *new, "-subj", f"/CN={name}", "-addext",
            "keyUsage=critical,keyCertSign", "-keyout", f"{ca}.key",
            "-out", str(ca))
    openssl("req", *new, "-subj", "/CN=worker", "-keyout", str(key), "-out",
            f"{cert}.csr")
    openssl("x509", "-req", "-in", f"{cert}.csr", "-CA", str(ca), "-CAkey",
            f"{ca}.key", "-CAcreateserial", "-out", str(cert))
    return ca, (str(cert), str(key))


@pytest.fixture(scope="module")
def guarded(stack, tmp_path_factory):
    folder = tmp_path_factory.mktemp("ca")
    ca, good = authority(folder, "workers")
    _, foreign = authority(folder, "others")
    with Nginx(stack, [
            ("site.conf", "#\tinclude trainyard/worker_tls.conf",
             "include trainyard/worker_tls.conf"),
            ("trainyard/worker_tls.conf", "/etc/trainyard/tls/workers.pem",
             str(ca))]) as made:
        yield made, good, foreign


@pytest.mark.parametrize("header", [
    bearer("ty_job_x"), {"Authorization": "bearer   ty_job_x"},
    {"X-API-Key": "ty_job_x"}], ids=["bearer", "blanks", "key"])
def test_a_jobs_token_needs_a_certificate(guarded, envelope, header):
    nginx, good, _ = guarded
    with nginx.client(**header) as client:
        envelope(client.get("/judges"), 403, "permission_error")
    with nginx.client(good, **header) as client:
        envelope(client.get("/judges"), 401, "authentication_error")


def test_everybody_else_needs_none(guarded, stack):
    nginx, good, _ = guarded
    for certificate in (None, good):
        with nginx.client(certificate, **bearer(stack.token)) as client:
            assert client.get("/judges").status_code == 200


def test_a_certificate_of_others_is_refused(guarded, envelope):
    nginx, _, foreign = guarded
    with nginx.client(foreign, **bearer("ty_job_x")) as client:
        envelope(client.get("/judges"), 400, "invalid_request_error")


# -- several hosts

def test_one_host_stands_in_front_of_several(stack, serial):
    """Of two hosts one is away: its share goes to the other."""
    text = EXAMPLE.read_text()
    for old, new in (
            ("listen 443 ssl http2", "listen unix:@here@/https ssl http2"),
            ("a.trainyard.example:443", f"127.0.0.1:{stack.https_port}"),
            ("b.trainyard.example:443", "127.0.0.1:1"),
            ("server_name train.example.org", "server_name localhost"),
            ("/etc/trainyard/tls/server.pem",
             str(stack.folder / "tls/server.pem")),
            ("/etc/trainyard/tls/server.key",
             str(stack.folder / "tls/server.key")),
            ("/etc/trainyard/tls/hosts.pem", stack.ca),
            ("hosts.trainyard.example", "localhost")):
        assert old in text
        text = text.replace(old, new)
    made = Nginx(stack, include_site=False)
    (made.folder / "hosts.conf").write_text(
        text.replace("@here@", str(made.folder)))
    conf = made.folder / "nginx.conf"
    conf.write_text(conf.read_text().rstrip().removesuffix("}")
                    + "include hosts.conf;\n}\n")
    name = f"Judge {next(serial)}"
    with made, made.client(**bearer(stack.token)) as client:
        for _ in range(4):
            assert client.get("/judges").status_code == 200
        reply = client.post("/judges", json={
            "name": name, "description": "Grades.", "content_type": "text",
            "criteria": [{"name": "Clarity"}]})
        assert reply.status_code == 201, reply.text
        assert client.get("/nowhere").json()["type"] == "not_found_error"
