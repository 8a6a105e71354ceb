# SPDX-License-Identifier: BSD-2-Clause
"""A Debian 12 of its own, booted with systemd, and packages for it."""
import os
import pathlib
import shutil
import subprocess
import time

TOP = pathlib.Path(__file__).resolve().parent.parent
# kept from run to run: making it takes minutes
BASE = TOP / "run/packages/base"
MIRROR = os.environ.get("TRAINYARD_MIRROR", "http://deb.debian.org/debian")
PATIENCE = 180
# what the packages depend on and recommend, and what the tests run
INSIDE = ("systemd,systemd-sysv,dbus,nginx-light,postgresql,openssl,"
          "ca-certificates,python3,python3-yaml,libfcgi0ldbl,libjson-c5,"
          "libpq5,libcurl4,libmicrohttpd12,postgresql-client,"
          "init-system-helpers,procps,logrotate,spawn-fcgi,runit")


def command(*args, **options):
    done = subprocess.run(args, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          **options)
    assert done.returncode == 0, f"{args}:\n{done.stdout[-4000:]}"
    return done.stdout


def base():
    """The installed system that machines are layers upon."""
    made = BASE / "complete"
    if not made.exists() or made.read_text() != INSIDE:
        shutil.rmtree(BASE, ignore_errors=True)
        BASE.mkdir(parents=True)
        command("debootstrap", "--variant=minbase", f"--include={INSIDE}",
                "bookworm", BASE, MIRROR)
        made.write_text(INSIDE)
    return BASE


def build(folder):
    """The packages of this tree, as a folder of .deb files."""
    source = folder / "trainyard"
    source.mkdir()
    files = subprocess.run(
        ["git", "ls-files", "-coz", "--exclude-standard"], cwd=TOP,
        check=True, stdout=subprocess.PIPE).stdout
    names = b"\0".join(name for name in files.split(b"\0")
                       if (TOP / os.fsdecode(name)).is_file())
    tar = subprocess.run(["tar", "-c", "--null", "-T", "-"], cwd=TOP,
                         input=names, check=True, stdout=subprocess.PIPE)
    subprocess.run(["tar", "-x"], cwd=source, input=tar.stdout, check=True)
    command("dpkg-buildpackage", "-us", "-uc", "-b", cwd=source,
            env=os.environ | {"DEB_BUILD_OPTIONS": "nocheck parallel=2"})
    return folder


def packages(folder):
    return sorted(p for p in folder.glob("*.deb") if "dbgsym" not in p.name)


def repack(folder, into, version, change=lambda root: None):
    """The same packages as another version, with one thing changed."""
    into.mkdir()
    for package in packages(folder):
        root = into / package.stem
        command("dpkg-deb", "-R", package, root)
        control = root / "DEBIAN/control"
        control.write_text("".join(
            f"Version: {version}\n" if line.startswith("Version:") else line
            for line in control.read_text().splitlines(keepends=True)))
        change(root)
        command("dpkg-deb", "--root-owner-group", "-Znone", "-b", root,
                into / f"{package.name.split('_')[0]}_{version}.deb")
    return into


class Machine:
    def __init__(self, folder):
        self.folder = folder
        self.root = folder / "root"
        self.tmp = self.root / "var/tmp"
        for name in ("upper", "work", "root"):
            (folder / name).mkdir()
        command("mount", "-t", "overlay", "overlay", "-o",
                f"lowerdir={base()},upperdir={folder}/upper,"
                f"workdir={folder}/work", self.root)
        (self.root / "etc/hostname").write_text("train\n")
        self.console = open(folder / "console.log", "w")
        self.process = subprocess.Popen(
            ["systemd-nspawn", "--quiet", "--directory", self.root,
             "--register=no", "--keep-unit", "--private-network", "--boot"],
            stdin=subprocess.DEVNULL, stdout=self.console,
            stderr=subprocess.STDOUT, start_new_session=True)

    def leader(self):
        tasks = pathlib.Path(f"/proc/{self.process.pid}/task")
        children = (tasks / str(self.process.pid) / "children").read_text()
        return children.split()[0]

    def boot(self):
        self.until(lambda: (self.root / "run/systemd").exists() or
                   self.try_run("systemctl is-system-running")[1].strip()
                   in ("running", "degraded"), "it does not boot")
        self.until(lambda: self.try_run(
            "systemctl is-system-running")[1].strip() == "running",
            "not everything runs")

    def until(self, good, what):
        end = time.monotonic() + PATIENCE
        while not good():
            assert self.process.poll() is None, "the machine ended"
            assert time.monotonic() < end, what
            time.sleep(0.1)

    def start(self, script, **options):
        return subprocess.Popen(
            ["nsenter", "--target", self.leader(), "--mount", "--uts",
             "--ipc", "--net", "--pid", "--", "env", "-i",
             "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/var/tmp",
             "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive", "bash",
             "-c", f"cd / && {script}"], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            **options)

    def try_run(self, script):
        """Status and output of a shell script inside."""
        try:
            process = self.start(script)
        except (OSError, IndexError):
            return 1, ""
        out = process.communicate(timeout=PATIENCE * 2)[0]
        return process.returncode, out

    def run(self, script):
        status, out = self.try_run(script)
        assert status == 0, f"{script}: {status}\n{out[-4000:]}"
        return out

    def install(self, folder):
        for package in packages(folder):
            shutil.copy(package, self.tmp)
        names = " ".join(f"/var/tmp/{p.name}" for p in packages(folder))
        return self.run(f"dpkg --force-confold -i {names}")

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()  # an orderly shutdown
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.console.close()
        command("umount", self.root)
