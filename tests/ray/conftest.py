# SPDX-License-Identifier: BSD-2-Clause
"""A stack whose GRPO jobs run in a real Ray, from PyPI."""
import os
import pathlib
import subprocess

import pytest

from crowd import running_stack
from harness import TOP


@pytest.fixture(scope="session")
def venv():
    done = subprocess.run([TOP / "tools/ray-venv"], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip("NO TEST WITH A REAL RAY: tools/ray-venv failed, is PyPI "
                    f"reachable?  {done.stderr.strip()[-500:]}")


@pytest.fixture(scope="session")
def stack(venv, tmp_path_factory):
    with running_stack(tmp_path_factory.mktemp("ray"), "--engine", "ray",
                       "--rate-limit", "off",
                       "--set", "grace_seconds=60") as made:
        yield made


@pytest.fixture
def rollout_workers(stack):
    """Finds the processes of rollout workers that run now."""
    mark = f"RAY_AUTH_TOKEN_PATH={stack.folder}/ray/token".encode()

    def find():
        found = []
        for process in pathlib.Path("/proc").iterdir():
            try:
                if process.name.isdigit() and (
                        process / "cmdline").read_bytes().startswith(
                            b"ray::Worker") and mark in (
                        process / "environ").read_bytes().split(b"\0"):
                    found.append(int(process.name))
            except OSError:
                pass
        return found
    return find


@pytest.fixture
def kill():
    return lambda pid: os.kill(pid, 9)
