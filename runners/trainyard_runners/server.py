# SPDX-License-Identifier: BSD-2-Clause
"""The API, for runners that share no files with it: with the token of one
attempt they read the job, fetch what it names and store what they make.

Kept to the standard library: a machine of a cluster needs nothing else for it.
"""
from __future__ import annotations

import hashlib
import json
import os
import pathlib
import ssl
import sys
import time
import urllib.error
import urllib.request
from typing import Any, Mapping

#: seconds before what got no answer is sent again
RETRIES = (0.5, 1.0, 2.0, 4.0, 8.0)
TIMEOUT = 30
CHUNK = 1 << 20


class Refused(Exception):
    """An answer that asking again does not change."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status} {text}")
        self.status, self.text = status, text


class Unanswered(Exception):
    """No answer, however often it was asked."""


class Server:
    """Calls below the job's workspace; environ as trainyard-runner(7) says."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self.base = environ["TRAINYARD_API"]
        self.org, self.workspace = (environ["TRAINYARD_ORG"],
                                    environ["TRAINYARD_WS"])
        self._token = environ.get("TRAINYARD_TOKEN") or ray_token(environ)
        trusted = environ.get("TRAINYARD_CA") or None
        if trusted and trusted.startswith("-----BEGIN"):
            self._context = ssl.create_default_context(cadata=trusted)
        else:
            self._context = ssl.create_default_context(cafile=trusted)
        self._shelf: str | None = None

    @property
    def place(self) -> str:
        return f"/org/{self.org}/ws/{self.workspace}"

    def _request(self, method: str, path: str, body: Any,
                 headers: Mapping[str, str]) -> urllib.request.Request:
        return urllib.request.Request(
            self.base + path, method=method, data=body, headers={
                "Authorization": "Bearer " + self._token, **headers})

    def open(self, method: str, path: str,
             body: bytes | pathlib.Path | None = None,
             headers: Mapping[str, str] | None = None) -> Any:
        """The reply, to be read; repeated until there is one.

        What is sent must be harmless when it is sent twice.  A path as body
        is read anew each time.
        """
        for wait in (*RETRIES, None):
            data = open(body, "rb") if isinstance(body, pathlib.Path) else body
            try:
                return urllib.request.urlopen(
                    self._request(method, path, data, headers or {}),
                    timeout=TIMEOUT, context=self._context)
            except urllib.error.HTTPError as error:
                text = error.read(4096).decode("utf-8", "replace")
                if error.code < 500 and error.code not in (408, 429):
                    raise Refused(error.code, text) from None
                reason = f"{error.code} {text}"
            except OSError as error:
                reason = str(error)
            finally:
                if isinstance(body, pathlib.Path):
                    data.close()
            if wait is None:
                raise Unanswered(reason)
            time.sleep(wait)

    def call(self, method: str, path: str, body: bytes | None = None,
             headers: Mapping[str, str] | None = None) -> Any:
        """A JSON reply."""
        with self.open(method, path, body, headers) as reply:
            return json.load(reply)

    # -- artifacts

    def _places(self) -> list[str]:
        """The job's workspace, then its organisation's shelf."""
        if self._shelf is None:
            found = self.call("GET", f"/org/{self.org}/ws")["workspaces"]
            self._shelf = next((w["key"] for w in found
                                if w.get("is_default")), self.workspace)
        return [self.place] if self._shelf == self.workspace else [
            self.place, f"/org/{self.org}/ws/{self._shelf}"]

    def find(self, kinds: tuple[str, ...], name: str, version: str) \
            -> tuple[str, dict[str, Any]] | None:
        """(path, metadata) of the first that is there."""
        for place in self._places():
            for kind in kinds:
                path = f"{place}/artifacts/{kind}/{name}/{version}"
                try:
                    return path, self.call("GET", path)
                except Refused as no:
                    if no.status != 404:
                        raise
        return None

    def fetch(self, path: str, about: dict[str, Any],
              folder: pathlib.Path) -> pathlib.Path | None:
        """Its bytes in a file of the folder; None when they lie elsewhere."""
        if about.get("uri"):
            return None
        folder.mkdir(parents=True, exist_ok=True)
        kept = folder / about["sha256"]
        if kept.exists():
            return kept
        part = kept.with_suffix(".part")
        for _ in RETRIES:
            digest = hashlib.sha256()
            try:
                with self.open("GET", path + "/content") as reply, \
                        open(part, "wb") as file:
                    while chunk := reply.read(CHUNK):
                        digest.update(chunk)
                        file.write(chunk)
            except (OSError, EOFError) as error:
                print(f"{path}: {error}, again", file=sys.stderr, flush=True)
                continue
            if digest.hexdigest() == about["sha256"]:
                os.replace(part, kept)
                return kept
        raise Unanswered(f"{path}: its bytes do not arrive whole")

    def store(self, kind: str, name: str, version: str,
              path: pathlib.Path) -> str:
        """Publishes a file; its address.  The same file again is no fault."""
        with self.open("PUT", f"{self.place}/artifacts/{kind}/{name}/{version}",
                       path, {"Content-Type": "application/octet-stream",
                              "Content-Length": str(path.stat().st_size)}) \
                as reply:
            reply.read()
        return (f"artifact://{self.org}/{self.workspace}/{kind}/{name}"
                f"@{version}")

    def fetch_address(self, address: str, folder: pathlib.Path) \
            -> pathlib.Path | None:
        """The bytes behind what store() returned; None: there are none."""
        org, workspace, kind, rest = address.removeprefix(
            "artifact://").split("/", 3)
        name, version = rest.rsplit("@", 1)
        path = f"/org/{org}/ws/{workspace}/artifacts/{kind}/{name}/{version}"
        try:
            return self.fetch(path, self.call("GET", path), folder)
        except Refused as no:
            if no.status != 404:
                raise
            return None


def ray_token(environ: Mapping[str, str]) -> str:
    """What a Ray job got with its submission, where fewest can read it."""
    config = json.loads(environ.get("RAY_JOB_CONFIG_JSON_ENV_VAR") or "{}")
    try:
        return config["metadata"]["trainyard_token"]
    except (KeyError, TypeError):
        raise KeyError("TRAINYARD_TOKEN") from None


# -- the job's document, as the dispatcher writes it for its own host

def bare(name: str) -> str:
    return name.rpartition("/")[2]


def dataset(server: Server, ref: dict[str, str] | None,
            folder: pathlib.Path, kinds: tuple[str, ...] = ("dataset",)) \
        -> dict[str, Any] | None:
    if ref is None:
        return None
    name, version = bare(ref["name"]), ref["version"]
    found = server.find(kinds, name, version)
    if found is None:
        raise Refused(404, f"no data set {name}@{version}")
    path, about = found
    kept = server.fetch(path, about, folder)
    return {"id": about["id"], "reference": f"{name}@{version}",
            "name": name, "version": version, "format": "jsonl",
            "row_count": None, "splits": [], "summary": {},
            "artifacts": {"path": None if kept is None else str(kept),
                          "uri": about.get("uri"),
                          "media_type": about["media_type"],
                          "size": about["size"], "sha256": about["sha256"]}}


def capability(server: Server, named: dict[str, Any],
               folder: pathlib.Path) -> dict[str, Any]:
    found = server.find(("capability",), bare(named["name"]),
                        named["version"])
    kept = found and server.fetch(*found, folder)
    return {"id": named["artifact_id"], "name": named["name"],
            "version": named["version"],
            "runtime_digest": named["runtime_digest"], "manifest": None,
            "file_manifest": [],
            "artifact_s3_prefix": str(kept) if kept else None}


def document(server: Server, job_id: str, folder: pathlib.Path) \
        -> dict[str, Any]:
    """The document of a job, its data in files of the folder."""
    job = server.call("GET", f"{server.place}/training/jobs/{job_id}")
    config = job["config"]
    made = {key: job[key] for key in (
        "organization_id", "workspace_id", "created_by", "name", "backend",
        "trainer_type", "algorithm", "model", "project_ref", "run_ref",
        "tags", "config")}
    made |= {
        "schema_version": "2026-03-18", "job_id": job_id,
        "capability": capability(server, job["capability"], folder),
        "dataset": dataset(server, config.get("dataset_ref"), folder),
        "trajectory_datasets": [
            dataset(server, ref, folder, ("trajectory_dataset", "dataset"))
            for ref in config.get("trajectory_dataset_refs") or ()],
        "eval_dataset": dataset(server, config.get("eval_dataset_ref"),
                                folder)}
    if job["trainer_type"] == "rl":
        context = server.call(
            "GET", f"{server.place}/training/jobs/{job_id}/rl-context")
        made |= {
            "task": context.get("task"), "world": context.get("world"),
            "prompt_dataset": dataset(
                server, config.get("prompt_dataset_ref"), folder),
            "reward_recipe": context.get("reward_recipe"),
            "world_reward": config.get("world_reward"),
            "eval_interval": config.get("eval_interval"),
            "eval_max_rollouts": config.get("eval_max_rollouts")}
    return made
