# SPDX-License-Identifier: BSD-2-Clause
"""Rows and capabilities as they are read."""
import gzip
import io
import json
import tarfile

import pytest

from trainyard_runners import data
from trainyard_runners.protocol import JobError

ROW = {"prompt": "2+3", "expected_output": "5"}
PARTS = [("<user>2+3\n", False), ("<assistant>", False), ("5", True)]


def read(jobs, content, system=None):
    return [data.render(messages, False) for messages in data.examples(
        jobs.dataset(jobs.file("data", content)), system)]


@pytest.mark.parametrize("row", [
    ROW, {"input": "2+3", "target": "5"}, {"question": "2+3", "answer": "5"},
    {"task_prompt": "2+3", "output": "5"}, {"prompt": "2+3", "answer": 5},
    {"messages": [{"role": "user", "content": "2+3"},
                  {"role": "assistant", "content": "5"}]},
    {"messages": [{"role": "user",
                   "content": [{"type": "text", "text": "2+3"}]},
                  {"role": "assistant", "content": "5"}]},
    {"steps": [{"source": "user", "message": "2+3"},
               {"source": "agent", "message": "5"}]}])
def test_forms_of_a_row(jobs, row):
    assert read(jobs, json.dumps(row)) == [PARTS]


@pytest.mark.parametrize("content", [
    json.dumps(ROW) + "\n\n" + json.dumps(ROW), json.dumps([ROW, ROW]),
    "\n " + json.dumps([ROW, ROW], indent=1),
    "\ufeff" + json.dumps(ROW) + "\r\n" + json.dumps(ROW),
    gzip.compress((json.dumps(ROW) + "\n").encode() * 2)])
def test_forms_of_a_file(jobs, content):
    assert read(jobs, content) == [PARTS, PARTS]


def test_the_system_text_comes_first_and_is_not_learned(jobs):
    assert read(jobs, json.dumps(ROW), "Be brief.")[0] == [
        ("<system>Be brief.\n", False)] + PARTS


def test_only_answers_are_learned(jobs):
    parts, = read(jobs, json.dumps({"messages": [
        {"role": "user", "content": "a"}, {"role": "assistant",
                                           "content": "b"},
        {"role": "user", "content": "c"}, {"role": "assistant",
                                           "content": "d"}]}))
    assert [text for text, learned in parts if learned] == ["b", "d"]


@pytest.mark.parametrize("content, text", [
    ('{"prompt": "x"}', "rows@1.0 line 1: neither messages"),
    (json.dumps(ROW) + "\n{oops\n", "rows@1.0 line 2: "),
    ('{"messages": []}', "rows@1.0 line 1: neither messages"),
    ('{"messages": [1]}', "rows@1.0 line 1: neither messages"),
    ('{"steps": ["x"]}', "rows@1.0 line 1: neither messages"),
    ("[1]", "rows@1.0 line 1: not an object"), (b"\xff\xfe{}", "not UTF-8"),
    (gzip.compress(b'{"prompt"' * 9)[:-12], "rows@1.0")])
def test_a_bad_row_names_file_and_line(jobs, content, text):
    with pytest.raises(JobError, match=text):
        read(jobs, content)


def test_prompts_are_those_of_the_split(jobs):
    rows = jobs.rows(ROW | {"split": "train"}, ROW | {"split": "test",
                                                      "prompt": "x"})
    found = data.prompts(rows, None, "test")
    assert [data.render(p.messages, True) for p in found] == [
        [("<user>x\n", False), ("<assistant>", False)]]
    with pytest.raises(JobError, match="no rows of split 'dev'"):
        data.prompts(rows, None, "dev")


def test_a_trajectory_asks_for_its_last_answer(jobs):
    rows = jobs.rows({"steps": [
        {"source": "user", "message": "a"}, {"source": "agent",
                                             "message": "b"},
        {"source": "env", "message": "c"}, {"source": "agent",
                                            "message": "d"}], "reward": 2})
    found, = data.imitations(rows, None)
    assert found.row["expected_output"] == "d" and found.row["reward"] == 2
    assert data.render(found.messages, True) == [
        ("<user>a\n", False), ("<assistant>", False), ("b", True),
        ("<env>c\n", False), ("<assistant>", False)]


def capability(path):
    return {"name": "c", "version": "1", "artifact_s3_prefix": str(path)}


def bundle(jobs, **files):
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as tar:
        for name, text in files.items():
            name = name.replace("__", "/").replace("_dot_", ".")
            info = tarfile.TarInfo(name)
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text.encode()))
    return jobs.file("bundle", made.getvalue())


@pytest.mark.parametrize("files, text", [
    ({"agents__b_dot_md": "B", "agents__a_dot_txt": "A"}, "A"),
    ({"agents__b_dot_md": "B", "agents__a_dot_txt": "A",
      "capability_dot_yaml": "name: x\nentry_agent: b\n"}, "B"),
    ({"agents__a_dot_md": "---\nmodel: x\n---\nBe kind.\n"}, "Be kind."),
    ({"readme": "x"}, None)])
def test_the_entry_prompt_of_a_bundle(jobs, files, text):
    assert data.entry_prompt(capability(bundle(jobs, **files))) == text


def test_a_single_file_is_the_entry_prompt(jobs):
    path = jobs.file("a.md", "---\nx: 1\n---\n\nAnswer.\n")
    assert data.entry_prompt(capability(path)) == "Answer."
