# SPDX-License-Identifier: BSD-2-Clause
"""Hosts of a site as network namespaces: each a stack of some parts.

A host has one cable to each network that it is in, which may be pulled.
"""
import contextlib
import ctypes
import http.client
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time

from crowd import Wire
from harness import PATIENCE, TOP, Stack
from nginxes import EXAMPLE

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
# Networks for documentation: nobody routes them, and they never leave here.
NETWORKS = {"web": "192.0.2", "data": "198.51.100"}
NUMBERS = {"front": 1, "db": 2, "a": 11, "b": 12, "c": 13, "client": 100}


def ip(*words):
    return subprocess.run(
        ["ip", *words], check=True, stdin=subprocess.DEVNULL,
        capture_output=True, text=True).stdout


def why_not():
    """Why this machine cannot play several hosts, or None."""
    if os.getuid() != 0:
        return "network namespaces need root"
    if shutil.which("ip") is None:
        return "network namespaces need ip, of iproute2"
    probe = f"ty{os.getpid()}-probe"
    try:
        ip("netns", "add", probe)
        try:
            ip("-n", probe, "link", "add", "net0", "type", "bridge")
            ip("-n", probe, "link", "add", "one0", "type", "veth", "peer",
               "name", "two0")
            ip("netns", "exec", probe, "unshare", "--uts", "--pid", "--fork",
               "--mount-proc", "true")
        finally:
            ip("netns", "del", probe)
    except subprocess.CalledProcessError as error:
        return f"no network namespaces here: {error.stderr.strip()}"
    return None


class Network:
    """Namespaces around one that has a switch for each network."""

    def __init__(self):
        self.names = []
        self.switch = self.space("switch")
        for net in NETWORKS:
            ip("-n", self.switch, "link", "add", net, "type", "bridge")
            ip("-n", self.switch, "link", "set", net, "up")

    def space(self, host):
        name = f"ty{os.getpid()}-{host}"
        self.names.append(name)
        ip("netns", "add", name)
        ip("-n", name, "link", "set", "lo", "up")
        return name

    def host(self, host, *nets):
        """A new host in these networks; its namespace."""
        name = self.space(host)
        for net in nets:
            ip("-n", name, "link", "add", net, "type", "veth", "peer", "name",
               f"{host}-{net}", "netns", self.switch)
            ip("-n", name, "addr", "add", address(host, net) + "/24", "dev",
               net)
            ip("-n", name, "link", "set", net, "up")
            ip("-n", self.switch, "link", "set", f"{host}-{net}", "master",
               net, "up")
        return name

    def address(self, host, net="web"):
        return address(host, net)

    def pull(self, host, net):
        """The cable's other end: the host notices nothing but silence."""
        ip("-n", self.switch, "link", "set", f"{host}-{net}", "nomaster")

    def plug(self, host, net):
        ip("-n", self.switch, "link", "set", f"{host}-{net}", "master", net)

    def close(self):
        there = ip("netns", "list").split()
        for name in self.names:
            if name in there:
                ip("netns", "del", name)


def address(host, net):
    return f"{NETWORKS[net]}.{NUMBERS[host]}"


@contextlib.contextmanager
def inside(space):
    """This thread's new sockets are in that namespace."""
    def enter(f):
        if LIBC.setns(f.fileno(), CLONE_NEWNET) == -1:
            raise OSError(ctypes.get_errno(), f"setns {f.name}")

    with open("/proc/thread-self/ns/net") as home:
        with open(f"/run/netns/{space}") as there:
            enter(there)
        try:
            yield
        finally:
            enter(home)


class Host(Stack):
    """A stack with processes, a name and a network of its own.

    Its first process is a shell that only waits: when that ends, all do.
    """

    def __init__(self, network, folder, name, *nets):
        super().__init__(folder)
        self.network, self.name = network, name
        self.space = network.host(name, *nets)
        self.boot()

    def boot(self):
        self.init = subprocess.Popen(
            ["ip", "netns", "exec", self.space, "unshare", "--uts", "--pid",
             "--fork", "--kill-child", "--mount-proc", "bash", "-c",
             'hostname "$0" && echo up && { read -r _ || :; }',
             f"host-{self.name}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            # ^C ends the tests, and they the host
            start_new_session=True)
        assert self.init.stdout.readline() == "up\n", f"no host {self.name}"

    def command(self, verb, *rest):
        return self.run(TOP / "tests/stack", verb, self.folder, *rest)

    def run(self, *words):
        """A command on that host; what it printed."""
        spaces = f"/proc/{self.init.pid}/ns"
        done = subprocess.run(
            ["nsenter", f"--net={spaces}/net", f"--uts={spaces}/uts",
             f"--mount={spaces}/mnt", f"--pid={spaces}/pid_for_children",
             *words], stdin=subprocess.DEVNULL, capture_output=True,
            text=True)
        assert done.returncode == 0, f"{words}: {done.stderr}"
        return done.stdout

    def lose_power(self):
        """Every process in it ends, runners too, and says nothing."""
        self.init.kill()
        self.init.wait()
        self.init.stdin.close()
        self.init.stdout.close()
        end = time.monotonic() + PATIENCE
        while ip("netns", "pids", self.space):
            assert time.monotonic() < end, f"{self.name} does not end"

    def close(self):
        try:
            self.down()
        finally:
            self.lose_power()

    def environment(self, pid):
        """Of a process, by its number on that host."""
        text = pathlib.Path(
            f"/proc/{self.init.pid}/root/proc/{pid}/environ").read_text()
        return dict(v.split("=", 1) for v in text.split("\0") if "=" in v)

    def cut(self, net):
        self.network.pull(self.name, net)

    def mend(self, net):
        self.network.plug(self.name, net)

    def await_log(self, name, words, since=0):
        """Returns when a line with these words is in a log."""
        end = time.monotonic() + PATIENCE
        poll = threading.Event()
        while words not in self.log(name)[since:]:
            assert time.monotonic() < end, \
                f"never {words}: {self.log(name)[since:]}"
            poll.wait(0.02)


class Front:
    """The host that clients know: the example, with our names in it."""

    def __init__(self, network, folder, hosts):
        self.space = network.host("front", "web")
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        self.ca = str(self.folder / "server.pem")
        self.where = address("front", "web")
        self.https_port = 443
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=front",
             "-addext", f"subjectAltName=IP:{self.where}", "-keyout",
             self.folder / "server.key", "-out", self.ca],
            check=True, capture_output=True)
        self.tls = ssl.create_default_context(cafile=self.ca)
        self.configure(hosts)

    def configure(self, hosts):
        text = EXAMPLE.read_text()
        for host in hosts:
            text = replace(text, f"{host.name}.trainyard.example:443",
                           f"{address(host.name, 'web')}:{host.https_port}")
        (self.folder / "hosts.pem").write_text("".join(
            pathlib.Path(host.ca).read_text() for host in hosts))
        for old, new in (
                ("server_name train.example.org", "server_name front"),
                ("/etc/trainyard/tls/", f"{self.folder}/"),
                ("hosts.trainyard.example", "localhost")):
            text = replace(text, old, new)
        shutil.copytree(hosts[0].folder / "nginx/trainyard",
                        self.folder / "trainyard")
        temp = self.folder / "temp"
        temp.mkdir()
        paths = "".join(f"{p}_temp_path {temp}/{p};\n" for p in (
            "client_body", "fastcgi", "proxy", "scgi", "uwsgi"))
        (self.folder / "nginx.conf").write_text(
            f"user root;\ndaemon off;\npid {self.folder}/pid;\n"
            "events { worker_connections 500; }\n"
            f"http {{\n{paths}access_log off;\n{text}}}\n")

    def start(self):
        # as the example says of this host
        self.run("sysctl", "-qw", "net.ipv4.tcp_retries2=4")
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", self.space, "nginx", "-e",
             self.folder / "error.log", "-c", self.folder / "nginx.conf"],
            stdin=subprocess.DEVNULL)
        end = time.monotonic() + PATIENCE
        while True:
            with inside(self.space), socket.socket() as probe:
                if probe.connect_ex((self.where, self.https_port)) == 0:
                    return self
            assert self.process.poll() is None and time.monotonic() < end, \
                (self.folder / "error.log").read_text()
            time.sleep(0.01)

    def run(self, *command):
        subprocess.run(["ip", "netns", "exec", self.space, *command],
                       check=True, stdin=subprocess.DEVNULL)

    def close(self):
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(PATIENCE)


def replace(text, old, new):
    assert old in text, f"{old} is not in the example"
    return text.replace(old, new)


class Connection(http.client.HTTPSConnection):
    """From one namespace to an address that only it reaches."""

    def __init__(self, space, *args, **options):
        super().__init__(*args, **options)
        self.space = space

    def connect(self):
        with inside(self.space):
            super().connect()


class Caller(Wire):
    """A client on a host of its own; `to` is the front, or any host."""

    def __init__(self, site, to=None, token=None):
        to = to or site.front
        self.conn = Connection(
            site.client, getattr(to, "where", None) or address(
                to.name, "web"), to.https_port, timeout=PATIENCE,
            context=to.tls)
        self.headers = {"Authorization": f"Bearer {token or site.token}",
                        "Content-Type": "application/json"}


class Hosts:
    """Two hosts with everything but a database, one with it, one in front."""

    def __init__(self, folder, *options):
        self.folder = pathlib.Path(folder)
        self.network = Network()
        self.open = contextlib.ExitStack()
        self.open.callback(self.network.close)
        try:
            self.make(options)
        except BaseException:
            self.open.close()
            raise

    def make(self, options):
        self.options = [w for s in options for w in ("--set", s)]
        self.db = self.host("db", "data")
        self.db.up("--address", address("db", "data"), "--only", "postgres")
        self.token = self.db.token
        self.client = self.network.host("client", "web")
        self.data = self.folder / "shared"
        self.data.mkdir()
        front = address("front", "web")
        self.hosts = [self.host(name, "web", "data") for name in "ab"]
        for host in self.hosts:
            host.up("--address", address(host.name, "web"), "--only",
                    "responder dispatcher nginx", "--join", self.db.folder,
                    "--rate-limit", "off", "--front", front,
                    "--set", f"data_dir={self.data}",
                    "--set", f"api_url=https://{front}", "--set",
                    f"api_ca={self.folder}/front/server.pem", *self.options)
        self.a, self.b = self.hosts
        self.front = Front(self.network, self.folder / "front", self.hosts)
        self.front.start()
        self.open.callback(self.front.close)

    def trainer(self, name):
        """One more host, with a dispatcher and a data_dir of its own."""
        made = self.host(name, "data")
        made.up("--only", "dispatcher", "--join", self.db.folder,
                "--set", "api_url=", "--set", "runner_judge=", *self.options)
        return made

    def host(self, name, *nets):
        made = Host(self.network, self.folder / name, name, *nets)
        self.open.callback(made.close)
        return made

    def caller(self, to=None, token=None):
        return Caller(self, to, token)

    def close(self):
        self.open.close()
