# SPDX-License-Identifier: BSD-2-Clause
"""A one-node Slurm (tests/slurm) as an object."""
import os
import pathlib
import subprocess

TOP = pathlib.Path(__file__).resolve().parent.parent


class Slurm:
    """A cluster in a folder; `env` is what its commands need."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.env = {"SLURM_CONF": str(self.folder / "slurm.conf")}

    def command(self, *words):
        done = subprocess.run([TOP / "tests/slurm", *words],
                              stdin=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True)
        assert done.returncode == 0, done.stderr

    def up(self):
        self.command("up", self.folder)
        return self

    def mend(self):
        self.command("mend", self.folder)

    def resume(self):
        self.command("resume", self.folder)

    def down(self):
        self.command("down", self.folder)

    def kill9(self, part):
        self.command("kill9", self.folder, part)

    def start(self, part):
        self.command("start", self.folder, part)

    def ask(self, *words):
        """What one of Slurm's own commands prints."""
        return subprocess.run(
            words, check=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, text=True,
            env={"PATH": os.environ["PATH"], **self.env}).stdout

    def states(self, job, attempt=1):
        """What Slurm says of an attempt: one word for each job it has."""
        return self.ask("squeue", "--noheader", "--states=all",
                        f"--name=trainyard-{job}-{attempt}",
                        "--format=%T").split()
