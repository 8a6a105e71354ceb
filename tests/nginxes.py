# SPDX-License-Identifier: BSD-2-Clause
"""An nginx of a test's own, with the site changed, in front of a stack."""
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time

import httpx
from harness import PATIENCE, TOP


class Nginx:
    """Listens on Unix sockets; `changes` are (file, from, to)."""

    def __init__(self, stack, changes=(), extra="", include_site=True):
        self.stack = stack
        self.holder = tempfile.TemporaryDirectory(prefix="trainyard-nginx.")
        self.folder = pathlib.Path(self.holder.name)
        self.folder.chmod(0o755)
        self.https, self.http = self.folder / "https", self.folder / "http"
        shutil.copytree(stack.folder / "nginx/trainyard",
                        self.folder / "trainyard")
        site = (stack.folder / "nginx/site.conf").read_text()
        site = site.replace(f"listen 127.0.0.1:{stack.https_port}",
                            f"listen unix:{self.https}")
        site = site.replace(f"listen 127.0.0.1:{stack.http_port}",
                            f"listen unix:{self.http}")
        (self.folder / "site.conf").write_text(site.replace(
            str(stack.folder / "logs/access.log"),
            str(self.folder / "access.log")))
        for name, old, new in changes:
            path = self.folder / name
            text = path.read_text()
            assert old in text, f"{old} is not in {name}"
            path.write_text(text.replace(old, new))
        temp = self.folder / "temp"
        temp.mkdir()
        paths = "".join(f"{p}_temp_path {temp}/{p};\n" for p in
                        ("client_body", "fastcgi", "proxy", "scgi", "uwsgi"))
        (self.folder / "nginx.conf").write_text(
            ("user root;\n" if os.getuid() == 0 else "")
            + f"daemon off;\npid {self.folder}/pid;\n"
            "events { worker_connections 200; }\n"
            f"http {{\n{paths}access_log off;\n"
            + ("include site.conf;\n" if include_site else "")
            + extra + "}\n")

    def __enter__(self):
        self.process = subprocess.Popen(
            ["nginx", "-e", self.folder / "error.log", "-c",
             self.folder / "nginx.conf"], stdin=subprocess.DEVNULL,
            env=os.environ | {"PATH": os.environ["PATH"] + ":/usr/sbin"})
        end = time.monotonic() + PATIENCE
        while True:
            with socket.socket(socket.AF_UNIX) as probe:
                if probe.connect_ex(str(self.https)) == 0:
                    return self
            assert self.process.poll() is None and time.monotonic() < end, \
                (self.folder / "error.log").read_text()
            time.sleep(0.01)

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(PATIENCE)
        self.holder.cleanup()

    def client(self, certificate=None, **headers):
        """Over TLS; each request on a connection of its own."""
        tls = ssl.create_default_context(cafile=self.stack.ca)
        if certificate:
            tls.load_cert_chain(*certificate)
        return httpx.Client(
            transport=httpx.HTTPTransport(uds=str(self.https), verify=tls),
            base_url="https://localhost", headers=headers, timeout=PATIENCE)

    def plain(self):
        return httpx.Client(
            transport=httpx.HTTPTransport(uds=str(self.http)),
            base_url="http://localhost", timeout=PATIENCE)


EXAMPLE = TOP / "nginx/several-hosts.conf.example"
