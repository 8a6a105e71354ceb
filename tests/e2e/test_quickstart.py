# SPDX-License-Identifier: BSD-2-Clause
"""./quickstart, as a newcomer runs it, but in folders of the test's own."""
import os
import re
import subprocess

import pytest

from harness import BUILD, TOP


@pytest.fixture
def run(tmp_path):
    """Runs ./quickstart with arguments; what it started ends with the test."""
    env = dict(os.environ, TRAINYARD_BUILD=str(BUILD),
               TRAINYARD_RUN=str(tmp_path / "run"))

    def quickstart(*args):
        done = subprocess.run(
            [TOP / "quickstart", *args], env=env, text=True,
            stdin=subprocess.DEVNULL, capture_output=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    yield quickstart
    quickstart("stop")


def row(text, name):
    """Three numbers of the table: raw judge, plus a constant, trained."""
    line = re.search(rf"^ *{name} +(\S+) +(\S+) +(\S+)$", text, re.M)
    return [float(number) for number in line.groups()]


def test_quickstart_trains_a_better_judge_and_can_be_repeated(run, tmp_path):
    first = run()
    raw, constant, trained = row(first, "mean error, points")
    assert trained < constant < raw
    raw, _, trained = row(first, "agreement, kappa")
    assert trained > raw
    assert "version       2 of 2, active" in first
    assert re.search(r"^  url +https://127\.0\.0\.1:\d+$", first, re.M)
    token = re.search(r"^  token +(ty_key_\S+)$", first, re.M)[1]
    assert token == (tmp_path / "run/stack/token").read_text().strip()

    # the same stack, the same data, one more job
    second = run("--once")
    assert "evaluations/batch" not in second
    assert "version       3 of 3" in second
    assert row(second, "mean error, points") == row(
        first, "mean error, points")
    status = subprocess.run(
        [TOP / "tests/stack", "status", tmp_path / "run/stack"],
        capture_output=True, text=True)
    assert status.stdout.count("does not run") == 4


def test_what_is_printed_can_be_typed_again(run):
    said = run()
    lines = re.findall(r"^  \$ ((?:.*\\\n)*.*)", said, re.M)
    assert lines[0].startswith(". ") and lines[1].startswith("api()")
    one = next(line for line in lines if "/training/jobs/" in line)
    done = subprocess.run(
        ["bash", "-euc", "\n".join([lines[0], lines[1], one])],
        cwd=TOP, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert '"status":"completed"' in done.stdout
