# SPDX-License-Identifier: BSD-2-Clause
"""The catalog of base models."""
import pytest

from harness import Reply
from hosted import await_true

PATH = "/api/v1/training/catalog"
RL = ["importance_sampling", "ppo"]
# tinker_id, display_name, family, type, size_b, context_length, extended
INITIAL = [
    ("trainyard/tiny-llama", "Tiny Llama (embedded)", "llama", "dense", 0.1,
     512, False),
    ("meta-llama/Llama-3.2-1B", "Llama 3.2 1B", "llama", "dense", 1.0, 32768,
     False),
    ("meta-llama/Llama-3.2-3B", "Llama 3.2 3B", "llama", "dense", 3.0, 32768,
     False),
    ("meta-llama/Llama-3.1-8B", "Llama 3.1 8B", "llama", "dense", 8.0, 32768,
     False),
    ("meta-llama/Llama-3.1-8B-Instruct", "Llama 3.1 8B Instruct", "llama",
     "dense", 8.0, 32768, False),
    ("meta-llama/Llama-3.3-70B-Instruct", "Llama 3.3 70B Instruct", "llama",
     "dense", 70.0, 32768, False),
    ("trainyard/tiny-qwen", "Tiny Qwen (embedded)", "qwen", "dense", 0.1,
     512, False),
    ("Qwen/Qwen3.6-35B-A3B", "Qwen3.6 35B A3B", "qwen", "moe", 3.0, 65536,
     True),
    ("Qwen/Qwen3.5-4B", "Qwen3.5 4B", "qwen", "dense", 4.0, 65536, False),
    ("Qwen/Qwen3-8B", "Qwen3 8B", "qwen", "dense", 8.0, 32768, False),
    ("Qwen/Qwen3.5-9B", "Qwen3.5 9B", "qwen", "dense", 9.0, 65536, False),
    ("Qwen/Qwen3.5-397B-A17B", "Qwen3.5 397B A17B", "qwen", "moe", 17.0,
     65536, True),
    ("Qwen/Qwen3.6-27B", "Qwen3.6 27B", "qwen", "dense", 27.0, 65536, False),
]
KEYS = ["tinker_id", "display_name", "family", "type", "size_b",
        "context_length", "extended_context"]


def ask(api, **query):
    reply = api.get(PATH, params=query)
    assert reply.status_code == 200, reply.text
    body = reply.json()
    assert list(body) == ["models", "total", "limit"]
    return body


def names(body):
    return [m["tinker_id"] for m in body["models"]]


def test_initial_models_in_order(api):
    body = ask(api)
    assert [tuple(m[k] for k in KEYS) for m in body["models"]] == INITIAL
    assert body["total"] == len(INITIAL) and body["limit"] == 20
    for model in body["models"]:
        assert list(model) == [*KEYS, "supported_algorithms", "pricing"]
        assert sorted(model["supported_algorithms"]) == [*RL, "sft"]
        assert model["pricing"] is None
        assert model["size_b"] >= 0.1


@pytest.mark.parametrize("limit", [1, 2, 12, 13, 100])
def test_limit_cuts_the_list_only(api, limit):
    body = ask(api, limit=limit)
    assert names(body) == [m[0] for m in INITIAL][:limit]
    assert body["total"] == len(INITIAL) and body["limit"] == limit


@pytest.mark.parametrize("query, found", [
    ("tiny", ["trainyard/tiny-llama", "trainyard/tiny-qwen"]),
    ("TINY embedded", ["trainyard/tiny-llama", "trainyard/tiny-qwen"]),
    ("llama 70b", ["meta-llama/Llama-3.3-70B-Instruct"]),
    ("70b llama", ["meta-llama/Llama-3.3-70B-Instruct"]),
    ("  instruct  8b ", ["meta-llama/Llama-3.1-8B-Instruct"]),
    ("qwen/qwen3-8b", ["Qwen/Qwen3-8B"]),
    ("gemma", []), ("%", []), ("_", []), ("llama qwen", [])])
def test_every_word_must_occur(api, query, found):
    body = ask(api, query=query)
    assert names(body) == found and body["total"] == len(found)


def test_filters(api):
    assert {m["family"] for m in ask(api, family="qwen")["models"]} == {
        "qwen"}
    assert ask(api, family="llama")["total"] == 6
    for algorithm in (*RL, "sft"):
        assert ask(api, algorithm=algorithm)["total"] == len(INITIAL)
    assert names(ask(api, min_size_b=27)) == [
        "meta-llama/Llama-3.3-70B-Instruct", "Qwen/Qwen3.6-27B"]
    assert names(ask(api, max_size_b="0.1")) == [
        "trainyard/tiny-llama", "trainyard/tiny-qwen"]
    # both inclusive
    assert names(ask(api, min_size_b=8, max_size_b="8.0")) == [
        "meta-llama/Llama-3.1-8B", "meta-llama/Llama-3.1-8B-Instruct",
        "Qwen/Qwen3-8B"]
    assert ask(api, min_size_b=9, max_size_b=8)["models"] == []
    assert names(ask(api, query="8b", family="qwen", algorithm="ppo",
                     max_size_b=100, limit=1)) == ["Qwen/Qwen3-8B"]


@pytest.mark.parametrize("query, loc, kind, msg", [
    ({"limit": 0}, "limit", "greater_than_equal",
     "must be greater than or equal to 1"),
    ({"limit": 101}, "limit", "less_than_equal",
     "must be less than or equal to 100"),
    ({"limit": "ten"}, "limit", "int_type", "must be an integer"),
    ({"limit": "1e999"}, "limit", "int_type", "must be an integer"),
    ({"limit": ""}, "limit", "value_error", "must not be empty"),
    ({"limit": [1, 2]}, "limit", "duplicate_key", "key appears twice"),
    ({"family": "gemma"}, "family", "literal_error",
     'must be one of "llama", "qwen"'),
    ({"algorithm": "grpo"}, "algorithm", "literal_error",
     'must be one of "sft", "importance_sampling", "ppo"'),
    ({"min_size_b": -1}, "min_size_b", "greater_than_equal",
     "must be greater than or equal to 0"),
    ({"max_size_b": "big"}, "max_size_b", "float_type",
     "must be a finite number"),
    ({"max_size_b": "1e999"}, "max_size_b", "float_type",
     "must be a finite number"),
    ({"famly": "qwen"}, "famly", "extra_forbidden",
     'unknown field; did you mean "family"?')])
def test_bad_queries(api, envelope, query, loc, kind, msg):
    body = envelope(api.get(PATH, params=query), 422, "validation_error")
    assert body["errors"] == [
        {"loc": ["query", loc], "msg": msg, "type": kind}]
    assert body["detail"] == f"{loc}: {msg}"


def test_a_query_that_is_no_text(stack, envelope):
    for query in ("query=%", "query=%ff", "query=%00", "%c3=1", "query=\xff"):
        reply = Reply(stack.raw(
            f"GET {PATH}?{query} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: Bearer {stack.token}\r\n"
            "Connection: close\r\n\r\n".encode("latin-1")))
        body = envelope(reply, 422, "validation_error")
        assert body["errors"] == [{
            "loc": ["query"], "msg": "must be percent-encoded UTF-8",
            "type": "value_error"}]


def test_entries_of_the_command(stack, api):
    stack.trainyard(
        "catalog", "add", "tests/model", "--family", "qwen", "--size-b",
        "0.5", "--context-length", "4096", "--name", 'A "model"',
        "--algorithm", "sft", "--extended-tokens", "8192", "--pricing",
        '{"prefill": 0.1, "train": 2}')
    try:
        assert ask(api, query="tests/")["models"] == [{
            "tinker_id": "tests/model", "display_name": 'A "model"',
            "family": "qwen", "type": "dense", "size_b": 0.5,
            "context_length": 4096, "extended_context": True,
            "supported_algorithms": ["sft"],
            "pricing": {"prefill": 0.1, "train": 2}}]
        assert ask(api, query="tests/", algorithm="ppo")["total"] == 0
        stack.trainyard("catalog", "retire", "tests/model")
        await_true(lambda: ask(api, query="tests/")["total"] == 0,
                   "the model is retired")
    finally:
        with stack.connect() as conn, conn.cursor() as cursor:
            cursor.execute("delete from trainyard.model"
                           " where id = 'tests/model'")


def test_head(api):
    get, head = api.get(PATH), api.head(PATH)
    assert head.status_code == 200 and head.content == b""
    assert head.headers["content-type"] == get.headers["content-type"]
