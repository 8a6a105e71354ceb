# SPDX-License-Identifier: BSD-2-Clause
"""Receivers of webhooks: what they get, and all the ways they can answer."""
import base64
import collections
import hashlib
import hmac
import http.server
import json
import queue
import ssl
import subprocess
import threading
import time

from dispatchers import PATIENCE

Got = collections.namedtuple("Got", "path headers body at")


class Receiver:
    """An HTTP server on a free port.  Each path may have its own answer.

    answer(path, fn): fn(handler) speaks for it; else it is 200 with "ok".
    """

    def __init__(self, host="127.0.0.1", tls=None):
        self.answers = {}
        self.got = queue.Queue()
        self.count = 0
        self.most = 0       # at the same time
        self.lock = threading.Lock()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                receiver.take(self)

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer((host, 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *args: None
        if tls is not None:
            self.server.socket = tls.wrap_socket(
                self.server.socket, server_side=True,
                do_handshake_on_connect=False)
        self.scheme = "http" if tls is None else "https"
        self.host, self.port = self.server.server_address[:2]
        self.thread = threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.05})
        self.thread.start()

    def url(self, path="/hook", host=None):
        return f"{self.scheme}://{host or self.host}:{self.port}{path}"

    def take(self, handler):
        body = handler.rfile.read(int(handler.headers["content-length"]))
        with self.lock:
            self.count += 1
            self.most = max(self.most, self.count)
        self.got.put(Got(handler.path, handler.headers, body, time.time()))
        try:
            self.answers.get(
                handler.path.partition("?")[0], say(200))(handler)
        finally:
            with self.lock:
                self.count -= 1

    def answer(self, path, fn):
        self.answers[path] = fn
        return self.url(path)

    def next(self):
        """The next request, whenever it comes."""
        return self.got.get(timeout=PATIENCE)

    def quiet(self):
        return self.got.empty()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(PATIENCE)


def say(status, body=b"ok", **headers):
    """An answer: status, headers, body."""

    def answer(handler):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def in_turn(*answers):
    """The first answer, then the second, ..., then the last one for ever."""
    left = list(answers)
    return lambda handler: (left.pop(0) if len(left) > 1 else left[0])(handler)


def hang(event):
    """Takes the request and says nothing until the event."""
    return lambda handler: event.wait(PATIENCE)


def close_midway(handler):
    """Promises more than it sends."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"half")
    handler.close_connection = True


def certificate(folder, *names):
    """A CA of its own and a server's context; (path of the CA, context)."""
    folder.mkdir(exist_ok=True)

    def openssl(*args):
        subprocess.run(["openssl", *args], check=True, cwd=folder,
                       stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL)

    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
            "/CN=ca", "-keyout", "ca.key", "-out", "ca.pem")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-subj", "/CN=receiver", "-keyout", "key.pem", "-out",
            "req.pem")
    (folder / "ext").write_text("subjectAltName=" + ",".join(
        ("IP:" if n[0].isdigit() or ":" in n else "DNS:") + n for n in names))
    openssl("x509", "-req", "-in", "req.pem", "-CA", "ca.pem", "-CAkey",
            "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "ext",
            "-out", "cert.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return folder / "ca.pem", context


def key_of(secret):
    if secret.startswith("whsec_"):
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    return secret.encode()


def signature(secret, got):
    """webhook-signature as the specification has it."""
    text = b".".join((got.headers["webhook-id"].encode(),
                      got.headers["webhook-timestamp"].encode(), got.body))
    return "v1," + base64.b64encode(
        hmac.new(key_of(secret), text, hashlib.sha256).digest()).decode()


def body_signature(secret, got):
    return "sha256=" + hmac.new(
        secret.encode(), got.body, hashlib.sha256).hexdigest()


def said(got):
    return json.loads(got.body)
