# SPDX-License-Identifier: BSD-2-Clause
"""One machine for the module: what the tests do to it, they do in order."""
import contextlib
import json
import os
import pathlib
import shutil
import subprocess

import pytest

from machine import Machine, build


@pytest.fixture(scope="session", autouse=True)
def able():
    for program in ("systemd-nspawn", "debootstrap", "dpkg-buildpackage"):
        if shutil.which(program) is None:
            pytest.skip(f"no {program}")
    if os.getuid() != 0:
        pytest.skip("only root boots machines")


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """The packages; TRAINYARD_DEBS names a folder that has them already."""
    if "TRAINYARD_DEBS" in os.environ:
        return pathlib.Path(os.environ["TRAINYARD_DEBS"])
    return build(tmp_path_factory.mktemp("built"))


@pytest.fixture(scope="session")
def machine(tmp_path_factory):
    made = Machine(tmp_path_factory.mktemp("machine"))
    try:
        made.boot()
        shutil.copy(pathlib.Path(__file__).with_name("guest.py"), made.tmp)
        yield made
    finally:
        made.end()


@pytest.fixture
def load(machine):
    """Requests from four threads for as long as the block runs."""

    @contextlib.contextmanager
    def running():
        machine.run("rm -rf /var/tmp/load; mkdir /var/tmp/load")
        process = machine.start(
            "exec python3 /var/tmp/guest.py load /var/tmp/load")
        done = machine.tmp / "load/done"

        def more(n=100):
            """Waits until so many further requests were answered."""
            machine.until(done.exists, "the load does not begin")
            before = int(done.read_text())
            machine.until(lambda: int(done.read_text()) >= before + n or
                          process.poll() is not None, "the load stands still")

        try:
            yield more
        finally:
            (machine.tmp / "load/stop").touch()
            try:
                told = process.communicate(timeout=120)[0]
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        said = json.loads(told)
        assert said["failed"] == [], told
        assert said["done"] > 100

    return running
