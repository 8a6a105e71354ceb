# SPDX-License-Identifier: BSD-2-Clause
"""A SkyRL server: an open program that speaks Tinker's protocol, on the CPU.

It and the SDK live in virtual environments that tools/runner-venvs makes.  `python skyrl.py run ...` stands in for the program uv,
which it insists on being started by.
"""
import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[1]
SERVER = ROOT / "run/venv-skyrl/bin/python"
CLIENT = ROOT / "run/venv-tinker/bin/python"
MODEL = "Qwen/Qwen3-8B"
RANK = 8
PATIENCE = float(os.environ.get("TRAINYARD_PATIENCE", 60)) * 10


class Server:
    """Serves one random model of a few hundred thousand weights as MODEL."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.models = self.folder / "models"
        (self.models / MODEL).parent.mkdir(parents=True)
        subprocess.run([SERVER, pathlib.Path(__file__).with_name(
            "make_model.py"), self.models / MODEL, "qwen3"], check=True,
            stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # what trains is the server's; the runner has the tokenizer only
        self.tokenizers = self.folder / "tokenizers"
        (self.tokenizers / MODEL).mkdir(parents=True)
        for name in ("tokenizer.json", "tokenizer_config.json",
                     "chat_template.jinja"):
            (self.tokenizers / MODEL / name).write_bytes(
                (self.models / MODEL / name).read_bytes())
        bin_ = self.folder / "bin"
        bin_.mkdir()
        uv = bin_ / "uv"
        uv.write_text(f'#!/bin/sh\nexec {sys.executable} {__file__} "$@"\n')
        uv.chmod(0o755)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.log = open(self.folder / "log", "wb")
        self.process = subprocess.Popen(
            [sys.executable, __file__, "run", "-m", "skyrl.tinker.api",
             "--base-model", MODEL, "--backend", "jax", "--backend-config",
             f'{{"max_lora_adapters": 6, "max_lora_rank": {RANK}}}',
             "--host", "127.0.0.1", "--port", str(port),
             "--checkpoints-base", self.folder / "checkpoints",
             "--database-url", f"sqlite:///{self.folder}/tinker.db"],
            cwd=self.models, stdin=subprocess.DEVNULL, stdout=self.log,
            stderr=subprocess.STDOUT, start_new_session=True,
            env={"PATH": f"{bin_}:{os.environ['PATH']}",
                 "HOME": str(self.folder), "LANG": "C.UTF-8",
                 "JAX_PLATFORMS": "cpu", "HF_HUB_OFFLINE": "1"})

    def await_ready(self):
        end = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(OSError):
                with urllib.request.urlopen(self.url + "/api/v1/healthz",
                                            timeout=5) as reply:
                    if reply.status == 200:
                        return self
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < end, self.said()
            time.sleep(0.2)

    def said(self):
        return (self.folder / "log").read_text(errors="replace")[-4000:]

    def close(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.log.close()


#: what Debian 12's Python 3.11.2 lacks: pydantic asks for the one, the server
#: itself for the other
START = """
import runpy, sys, tarfile, typing, typing_extensions
typing.TypedDict = typing_extensions.TypedDict
if not hasattr(tarfile, "data_filter"):
    extractall = tarfile.TarFile.extractall
    tarfile.TarFile.extractall = lambda self, *a, filter=None, **k: \\
        extractall(self, *a, **k)
sys.argv = sys.argv[1:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""


def stand_in(args):
    """uv run [flags] -m MODULE ARGS: as a child, whose parent is looked at."""
    rest = args[args.index("-m") + 1:]
    child = subprocess.Popen([SERVER, "-c", START, *rest])
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    return child.wait()


if __name__ == "__main__":
    sys.exit(stand_in(sys.argv[1:]))
