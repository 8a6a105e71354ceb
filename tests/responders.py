# SPDX-License-Identifier: BSD-2-Clause
"""Responders that are children of the test, beside or instead of a stack's."""
import contextlib
import os
import signal
import subprocess
import threading

from harness import BUILD, PATIENCE

PROGRAM = str(BUILD / "trainyard-fcgi")


class Responder:
    """A responder that is our child: its end can be waited for."""

    def __init__(self, stack, command, **options):
        self.stack = stack
        self.seen = len(stack.log("responder.log"))
        with open(f"{stack.logs}/responder.log", "ab") as log:
            # as under systemd: every line begins with its priority
            stat = os.fstat(log.fileno())
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, **options, env={
                    **os.environ,
                    "JOURNAL_STREAM": f"{stat.st_dev}:{stat.st_ino}"})
        self.await_line("ready ")

    def await_line(self, begin):
        """Waits for a line that this process writes."""
        poll = threading.Event()
        for _ in range(int(PATIENCE * 50)):
            if f"\n<6>{begin}" in "\n" + self.log():
                return
            assert self.process.poll() is None, self.log()
            poll.wait(0.02)
        raise AssertionError(f"never {begin}: {self.log()}")

    def log(self):
        return self.stack.log("responder.log")[self.seen:]

    def term(self):
        self.process.send_signal(signal.SIGTERM)

    def end(self):
        assert self.process.wait(PATIENCE) == 0


@contextlib.contextmanager
def ended(responder):
    try:
        yield responder
    finally:
        if responder.process.poll() is None:
            responder.process.kill()
            responder.process.wait()
