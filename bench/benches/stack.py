# SPDX-License-Identifier: BSD-2-Clause
"""One trainyard stack and what it is measured against, on this machine."""

import json
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request

import psycopg2

HERE = pathlib.Path(__file__).resolve().parent.parent
ROOT = HERE.parent
JSON = "application/json"


class Stack:
    """A stack; peers beside it in the same cluster, started when asked for."""

    def __init__(self, folder: pathlib.Path, build: str, *settings: str):
        self.folder = folder
        self.build = build
        self.peers = []
        self.peer_url = None
        self.static_url = None
        words = [w for s in settings for w in ("--set", s)]
        try:
            subprocess.run([ROOT / "tests/stack", "up", folder,
                            "--rate-limit", "off", "--build", build, *words],
                           check=True)
        except BaseException:
            self.down()
            raise
        self.env = {}
        for line in (folder / "env").read_text().splitlines():
            line = line.removeprefix("export ")
            name, _, value = line.partition("=")
            self.env[name] = value.strip("'\"")
        self.url = self.env["TRAINYARD_URL"]
        self.token = self.env["TRAINYARD_TOKEN"]
        self.base = "/api/v1/org/acme/ws/main"
        self.jobs = self.url + self.base + "/training/jobs"
        self.context = ssl.create_default_context(
            cafile=self.env["TRAINYARD_CA"])
        self.psql("update trainyard.workspace set queue_quota = 0")

    # -- ways in

    def connect(self, options=""):
        conn = psycopg2.connect(self.env["TRAINYARD_DSN"], options=options)
        conn.autocommit = True
        return conn

    def psql(self, sql: str, superuser: bool = False) -> str:
        dsn = "TRAINYARD_SUPERUSER_DSN" if superuser else "TRAINYARD_DSN"
        return subprocess.run(
            ["psql", "-qAtX", "-v", "ON_ERROR_STOP=1", "-d", self.env[dsn],
             "-c", sql],
            check=True, capture_output=True, text=True).stdout.strip()

    def database_seconds(self) -> float:
        return self.processor_seconds("postgres")

    def processor_seconds(self, part: str) -> float:
        """Of a part's processes, those gone included."""
        master = (self.folder / "pids" / part).read_text().split()[0]
        ticks = 0
        for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                pid, _, rest = stat.read_text().partition(" (")
            except OSError:
                continue
            words = rest.rpartition(") ")[2].split()
            if pid == master:
                ticks += sum(int(n) for n in words[11:15])
            elif words[1] == master:
                ticks += int(words[11]) + int(words[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def call(self, method: str, url: str, body=None, **headers) -> dict:
        """A call of ours (a path) or of a peer (a whole URL)."""
        if isinstance(body, dict):
            body = json.dumps(body).encode()
        request = urllib.request.Request(
            url if "://" in url else self.url + url, data=body, method=method,
            headers={"Authorization": "Bearer " + self.token,
                     "Content-Type": JSON, **headers})
        with urllib.request.urlopen(request, context=self.context) as reply:
            self.etag = reply.headers["ETag"]
            return json.load(reply)

    def file(self, name: str, data) -> pathlib.Path:
        path = self.folder / name
        if isinstance(data, (dict, list)):
            data = json.dumps(data)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    def publish(self, kind: str, name: str, version: str, data: bytes) -> None:
        self.call("PUT", f"{self.base}/artifacts/{kind}/{name}/{version}",
                  data)

    def dsn_url(self, schema: str) -> str:
        dsn = dict(word.split("=", 1)
                   for word in self.env["TRAINYARD_DSN"].split())
        return (f"postgresql://{dsn['user']}@/{dsn['dbname']}"
                f"?host={dsn['host']}&search_path={schema}")

    # -- peers

    def fastapi(self) -> str:
        """uvicorn on a socket behind an nginx like ours; its jobs' URL."""
        if self.peer_url is None:
            # the peer's own tables, beside ours in the same cluster
            self.psql("create schema if not exists peer")
            where = self.folder / "peer"
            where.mkdir()
            app = where / "app.sock"
            self.start(
                ["/usr/bin/python3", "-m", "uvicorn", "app:app", "--uds", app,
                 "--workers", str(os.cpu_count()), "--loop", "uvloop",
                 "--http", "httptools", "--no-access-log", "--log-level",
                 "warning"], cwd=HERE / "peers/fastapi",
                env=dict(os.environ, PEER_TOKEN=self.token,
                         PEER_DSN=self.dsn_url("peer")))
            wait_for(app)
            self.peer_url = self.nginx(where, PEER_PROXY.format(
                socket=app))
            self.wait_answer(self.peer_url + self.base + "/training/jobs")
        return self.peer_url + self.base + "/training/jobs"

    def static(self, data: bytes) -> str:
        """A file that a plain nginx serves; its URL."""
        where = self.folder / "static"
        if self.static_url is None:
            where.mkdir()
            self.static_url = self.nginx(where, f"""
                location / {{ root {where}/files; sendfile on; }}
                location /up/ {{
                    alias {where}/files/; dav_methods PUT;
                    create_full_put_path on; client_max_body_size 1g;
                }}""")
            (where / "files").mkdir()
            (where / "files").chmod(0o777)
        (where / "files/file").write_bytes(data)
        return self.static_url

    def nginx(self, where: pathlib.Path, locations: str) -> str:
        certificate, key = find_certificate(self.folder)
        listen = free_port()
        conf = where / "nginx.conf"
        conf.write_text(PEER_NGINX.format(
            where=where, listen=listen, key=key, certificate=certificate,
            workers=os.cpu_count(), locations=locations,
            user="user root;" if os.geteuid() == 0 else ""))
        self.start(["nginx", "-c", conf, "-g", "daemon off;"])
        wait_for(where / "nginx.pid")
        return f"https://127.0.0.1:{listen}"

    def wait_answer(self, url: str, seconds: float = 60) -> None:
        """Until the program behind nginx listens."""
        until = time.monotonic() + seconds
        while True:
            try:
                self.call("GET", url)
                return
            except urllib.error.HTTPError as error:
                if error.code != 502 or time.monotonic() > until:
                    raise
                time.sleep(0.05)

    def start(self, command, **options) -> None:
        self.peers.append(subprocess.Popen(command, **options))

    def down(self) -> None:
        for process in reversed(self.peers):
            process.terminate()
            process.wait()
        subprocess.run([ROOT / "tests/stack", "down", self.folder],
                       check=True)
        shutil.rmtree(self.folder, ignore_errors=True)


PEER_PROXY = """
        location / {{
            proxy_pass http://app;
            proxy_http_version 1.1; proxy_set_header Connection "";
        }}
    }}
    upstream app {{ server unix:{socket}; keepalive 64;"""

PEER_NGINX = """\
pid {where}/nginx.pid; error_log {where}/nginx.log warn;
worker_processes {workers}; {user}
events {{ worker_connections 1024; }}
http {{
    # as a site has it, ours too: a line for each request
    log_format site escape=json '{{"time":"$time_iso8601",'
        '"request_id":"$request_id","address":"$remote_addr",'
        '"request":"$request","status":$status,"bytes_in":$request_length,'
        '"bytes_out":$bytes_sent,"seconds":$request_time,'
        '"upstream_seconds":"$upstream_response_time",'
        '"agent":"$http_user_agent"}}';
    access_log {where}/access.log site; keepalive_requests 1000000;
    client_body_temp_path {where}/b; proxy_temp_path {where}/p;
    fastcgi_temp_path {where}/f; uwsgi_temp_path {where}/u;
    scgi_temp_path {where}/s;
    client_max_body_size 1g; client_body_buffer_size 1m;
    server {{
        listen 127.0.0.1:{listen} ssl http2;
        ssl_certificate {certificate}; ssl_certificate_key {key};
        {locations}
    }}
}}
"""


def find_certificate(folder: pathlib.Path):
    """The stack's own server certificate and key."""
    for conf in folder.rglob("*.conf"):
        found = {}
        for line in conf.read_text().splitlines():
            word = line.split()
            if len(word) == 2 and word[0] in ("ssl_certificate",
                                              "ssl_certificate_key"):
                found[word[0]] = word[1].rstrip(";")
        if len(found) == 2:
            return found["ssl_certificate"], found["ssl_certificate_key"]
    raise SystemExit(f"no certificate found below {folder}")


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(path: pathlib.Path, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not path.exists():
        if time.monotonic() > until:
            raise SystemExit(f"{path} did not appear")
        time.sleep(0.05)
