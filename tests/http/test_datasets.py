# SPDX-License-Identifier: BSD-2-Clause
"""Datasets are looked at when they are published."""
import gzip
import json
import os
import pathlib

import pytest

from hosted import Place, sft, tls_connection

ROWS = [
    {"messages": [{"role": "user", "content": "a"}], "split": "train"},
    {"steps": [{"source": "agent", "message": "b"}], "split": "train"},
    {"prompt": "c", "answer": "d", "split": "test"}, {"question": "e"}]
FINE = {"row_count": 4, "fault_count": 0, "faults": [],
        "splits": {"train": 2, "test": 1},
        "shapes": {"messages": 1, "steps": 1, "prompt_answer": 1,
                   "prompt": 1}}
LINES = "".join(json.dumps(row) + "\n" for row in ROWS).encode()
ARRAY = json.dumps(ROWS, indent=1).encode()
FORM = "has no messages, no steps and no prompt, input, question or task_prompt"


@pytest.fixture(scope="module")
def place(stack):
    made = Place(stack, "rows").furnish()
    yield made
    made.close()


@pytest.fixture
def name(serial):
    return f"rows-{next(serial)}"


def of(reply):
    assert reply.status_code in (200, 201), reply.text
    return reply.json()["dataset"]


@pytest.mark.parametrize("kind", ["dataset", "trajectory_dataset"])
@pytest.mark.parametrize("data, form, packing", [
    (LINES, "jsonl", None), (ARRAY, "json", None),
    (gzip.compress(LINES), "jsonl", "gzip"),
    (gzip.compress(ARRAY), "json", "gzip")],
    ids=["lines", "array", "lines.gz", "array.gz"])
def test_the_summary(place, name, kind, data, form, packing):
    path = place.path(kind, name, "1")
    reply = place.http.put(path, content=data)
    assert of(reply) == {"format": form, "compression": packing,
                         "checked": "complete", **FINE}
    assert list(of(reply)) == ["format", "compression", "checked",
                               "row_count", "fault_count", "faults",
                               "splits", "shapes"]
    # later, again, in the list: the same
    assert of(place.http.get(path)) == of(reply)
    assert of(place.http.put(path, content=data)) == of(reply)
    (item,) = place.http.get(f"{place.base}/artifacts", params={
        "kind": kind, "name": name}).json()["items"]
    assert item["dataset"] == of(reply)


def test_faults_are_shown_and_refuse_nothing(place, name):
    path = place.path("dataset", name, "1")
    reply = place.http.put(
        path, content=LINES + b"\n{}\n[1]\n{\"prompt\":1}\nx\n" + b"{}\n" * 20)
    assert reply.status_code == 201
    got = of(reply)
    assert got["row_count"] == 28 and got["fault_count"] == 24
    assert got["faults"][:5] == [
        {"line": 6, "message": FORM},
        {"line": 7, "message": "must be an object"},
        {"line": 8, "message": "prompt must be a string"},
        {"line": 9, "message": "invalid JSON at byte 0: a value is expected"},
        {"line": 10, "message": FORM}]
    assert len(got["faults"]) == 10
    assert got["shapes"] == FINE["shapes"]
    # the job that names it is told by its runner, not here
    made = place.create(sft(dataset_ref={"name": name, "version": "1"}))
    assert made.status_code == 201


@pytest.mark.parametrize("data, form, rows, faults", [
    (b"", None, 0, 0), (b"\n \n", None, 0, 0), (b"[]", "json", 0, 0),
    (b"\x01" + os.urandom(64).replace(b"\n", b""), "jsonl", 1, 1),
    (b"[{\"prompt\":\"a\"}", "json", 0, 1)],
    ids=["nothing", "blank", "no-items", "bytes", "open"])
def test_odd_bytes(place, name, data, form, rows, faults):
    got = of(place.http.put(place.path("dataset", name, "1"), content=data))
    assert (got["format"], got["row_count"], got["fault_count"]) == (
        form, rows, faults)


def test_a_cut_off_gzip_is_told(place, name):
    got = of(place.http.put(place.path("dataset", name, "1"),
                            content=gzip.compress(LINES)[:-9]))
    assert got["checked"] == "partial"
    assert got["faults"][-1]["message"] == "gzip data that ends too soon"


def test_other_kinds_are_not_looked_at(place, name):
    for kind in ("capability", "task", "model", "checkpoint", "other"):
        assert "dataset" not in place.publish(kind, name, "1", LINES)


def test_what_is_kept_elsewhere_is_not_looked_at(place, name):
    reply = place.http.put(
        place.path("dataset", name, "1"), json={"uri": "s3://rows/1"},
        headers={"Content-Type":
                 "application/vnd.trainyard.reference+json"})
    assert reply.status_code == 201 and "dataset" not in reply.json()


def hwm(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("VmHWM")


def bomb(mib):
    """So much text in a thousandth of the bytes."""
    packed = gzip.compress((b'{"prompt":"a"}\n' + b"\n" * ((1 << 20) - 15)))
    return packed * mib


def test_a_bomb_needs_no_memory_and_ends(place, name):
    data = bomb(2000)
    pid = place.stack.pid("responder")
    pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")
    before = hwm(pid)
    got = of(place.http.put(place.path("dataset", name, "1"), content=data))
    assert got["checked"] == "partial" and got["row_count"] == 128
    assert hwm(pid) - before < 8 << 20


def test_a_long_row_needs_no_memory(place, name):
    piece = b"x" * (1 << 20)

    def body():
        yield LINES + b'{"prompt":"'
        for _ in range(64):
            yield piece
        yield b'"}\n' + LINES

    pid = place.stack.pid("responder")
    pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")
    before = hwm(pid)
    got = of(place.http.put(place.path("dataset", name, "1"),
                            content=body()))
    assert got["checked"] == "partial" and got["row_count"] == 9
    assert got["fault_count"] == 0
    assert hwm(pid) - before < 8 << 20


def test_a_cut_off_upload_of_rows_leaves_nothing(place, name):
    before = place.counts()
    data = pathlib.Path(place.stack.data)
    for sent in (b"", b"[", gzip.compress(LINES)[:20]):
        with tls_connection(place.stack) as conn:
            conn.sendall("\r\n".join((
                f"PUT {place.path('dataset', name, '1')} HTTP/1.1",
                "Host: 127.0.0.1", f"Authorization: Bearer {place.token}",
                "Content-Length: 5000", "", "")).encode() + sent)
    assert place.http.get(place.path("dataset", name, "1")
                          ).status_code == 404
    assert place.counts() == before
    assert os.listdir(data / "incoming") == []
