# SPDX-License-Identifier: BSD-2-Clause
"""Bodies as bytes: what is JSON, of which type, how large."""
import json

import pytest

from hosted import JSON, Place, faults, sft

DEEP = ('{"config":{"reward_recipe":{"name":"row_reward_v1","params":'
        '{"a":%s%s}}}}')


@pytest.fixture(scope="module")
def place(stack):
    made = Place(stack, "gate").furnish()
    yield made
    made.close()


@pytest.fixture(autouse=True)
def nothing_created(place, request):
    if "creates" in request.fixturenames:
        yield
        return
    before = place.job_count()
    yield
    assert place.job_count() == before


def post(place, data, **headers):
    return place.http.post(place.jobs, content=data, headers=headers or JSON)


# --- not JSON: (bytes, offset of the first one that is wrong)

NOT_JSON = {
    "nothing": (b"", 0),
    "spaces": (b"  \n ", 4),
    "a word": (b"hello", 0),
    "form": (b"name=x&model=y", 0),
    "cut object": (b'{"a":1', 6),
    "cut string": (b'{"a":"x', 7),
    "cut number": (b'{"a":-', 6),
    "trailing text": (b"{} x", 3),
    "two objects": (b"{}{}", 2),
    "NUL behind": (b"{}\0", 2),
    "NUL behind and more": (b"{}\0x", 2),
    "byte order mark": (b"\xef\xbb\xbf{}", 0),
    "UTF-16": ("{}".encode("utf-16"), 0),
    "trailing comma": (b'{"a":1,}', 7),
    "comma in a list": (b'{"a":[1,]}', 8),
    "no comma": (b'{"a":1 "b":2}', 7),
    "no colon": (b'{"a" 1}', 5),
    "single quotes": (b"{'a':1}", 1),
    "bare key": (b"{a:1}", 1),
    "comment": (b"{} // x", 3),
    "NaN": (b'{"a":NaN}', 5),
    "Infinity": (b'{"a":Infinity}', 5),
    "minus Infinity": (b'{"a":-Infinity}', 6),
    "leading zero": (b'{"a":01}', 5),
    "minus zero one": (b'{"a":-01}', 5),
    "plus": (b'{"a":+1}', 5),
    "bare point": (b'{"a":1.}', 7),
    "point first": (b'{"a":.5}', 5),
    "hexadecimal": (b'{"a":0x10}', 6),
    "empty exponent": (b'{"a":1e}', 7),
    "beyond a double": (b'{"a":1e400}', 5),
    "minus beyond a double": (b'{"a":-1e400}', 5),
    "TRUE": (b'{"a":TRUE}', 5),
    "raw tab": (b'{"a":"\t"}', 6),
    "raw newline in a key": (b'{"\n":1}', 2),
    "raw SOH": (b'{"a":"\x01"}', 6),
    "bad escape": (b'{"a":"\\x41"}', 6),
    "short escape": (b'{"a":"\\u12"}', 10),
    "lone high surrogate": (b'{"a":"\\ud800"}', 6),
    "lone low surrogate": (b'{"a":"\\udc00"}', 6),
    "high before high": (b'{"a":"\\ud800\\ud800"}', 6),
    "lone surrogate in a key": (b'{"\\ud800":1}', 2),
    "overlong": (b'{"a":"\xc0\xaf"}', 6),
    "encoded surrogate": (b'{"a":"\xed\xa0\x80"}', 6),
    "beyond Unicode": (b'{"a":"\xf5\x80\x80\x80"}', 6),
    "cut sequence": (b'{"a":"\xc3"}', 6),
    "latin-1": (b'{"a":"\xe9t\xe9"}', 6),
    "latin-1 in a key": (b'{"\xe9":1}', 2),
    "too deep": ((DEEP % ("[" * 29, "]" * 29)).encode(), None),
    "much too deep": (b'{"a":' + b"[" * 100000, None),
    "deep objects": (b'{"a":' * 50000, None),
}


@pytest.mark.parametrize("name", NOT_JSON)
def test_not_json(place, envelope, name):
    data, offset = NOT_JSON[name]
    body = envelope(post(place, data), 400, "invalid_request_error")
    (fault,) = body["errors"]
    assert fault["type"] == "json_invalid"
    assert fault["loc"][0] == "body" and len(fault["loc"]) == 2
    at = fault["loc"][1]
    if offset is not None:
        assert at == offset
    assert fault["msg"].startswith(f"invalid JSON at byte {at}: ")
    assert len(fault["msg"]) > len(f"invalid JSON at byte {at}: ")
    assert body["detail"] == fault["msg"]


@pytest.mark.parametrize("data", [
    b"[]", b"[{}]", b"null", b"true", b"false", b"5", b"-0.5e3", b'"x"',
    b" [1]\n"])
def test_json_but_no_object(place, envelope, data):
    body = envelope(post(place, data), 400, "invalid_request_error")
    assert body["errors"] == [{
        "loc": ["body"], "msg": "must be an object", "type": "dict_type"}]


# --- JSON all the same

@pytest.mark.parametrize("data", [
    b"{}", b" {} ", b"\r\n\t{ }\n", b'{"a":1E+2}', b'{"a":-0}',
    b'{"a":"\\ud83d\\ude00"}', b'{"a":"\xf0\x9f\x98\x80"}',
    b'{"a":"\\u0001\\/\\b\\f\\n\\r\\t\\"\\\\"}', b'{"":0}',
    b'{"a":18446744073709551616}', b'{"a":1e-400}', b'{"a":' + b"9" * 300 +
    b"}", (DEEP % ("[" * 28, "]" * 28)).encode(), b'{"a":"\x7f"}'])
def test_json(place, data):
    assert faults(post(place, data))


@pytest.fixture
def creates():
    """These do create."""


def test_numbers_are_never_rounded_in_silence(place, creates):
    text = json.dumps(sft()).replace(
        '"config": {', '"config": {"steps": %s, ')
    job = place.made(text % "2147483647")
    assert job["config"]["steps"] == 2147483647
    for big in ("18446744073709551617", "4294967297", "9" * 300):
        assert faults(place.create(text % big)) == [
            (["body", "config", "steps"], "less_than_equal",
             "must be less than or equal to 2147483647")]
    for odd in ("1.0000000000000000000001", "0.9999999999999999999999",
                "1e-2", "16.5"):
        assert faults(place.create(text % odd))[0][1] == "int_type"


# --- media types

@pytest.mark.parametrize("kind", [
    "application/json", "Application/JSON", "application/json; charset=utf-8",
    "application/json;charset=UTF-8", 'application/json; charset="utf-8"',
    "application/json ; x=y", "application/json;", None])
def test_media_types_that_will_do(place, kind):
    request = place.http.build_request(
        "POST", place.jobs, content=b"{}",
        headers={"Content-Type": kind} if kind else {})
    if kind is None:
        assert "content-type" not in request.headers
    assert faults(place.http.send(request))


@pytest.mark.parametrize("kind", [
    "text/plain", "application/x-www-form-urlencoded", "multipart/form-data",
    "application/json5", "application/jsonx", "application/vnd.api+json",
    "text/json", "application", "json", "application/json, text/plain",
    "application/json; charset=latin-1", "application/json; charset=utf-16",
    "application/json; charset=utf-8x", "application/xml"])
def test_media_types_that_will_not(place, envelope, kind):
    envelope(post(place, b"{}", **{"Content-Type": kind}),
             415, "unsupported_media_type_error")


def test_media_type_comes_before_size_of_text_and_json(place, envelope):
    envelope(post(place, b"not JSON", **{"Content-Type": "text/plain"}),
             415, "unsupported_media_type_error")


# --- sizes

def filled(size):
    """A body of exactly so many bytes."""
    data = json.dumps(sft()).encode()
    return data + b" " * (size - len(data))


def test_a_mebibyte_is_taken(place, creates):
    assert post(place, filled(1 << 20)).status_code == 201


def test_more_is_not(place, envelope):
    envelope(post(place, filled((1 << 20) + 1)), 413,
             "payload_too_large_error")
    # nor in pieces, when no length is told
    reply = place.http.post(
        place.jobs, content=iter([filled(1 << 20), b" "]), headers=JSON)
    envelope(reply, 413, "payload_too_large_error")


def test_many_small_things_are_too_much(place, envelope):
    data = b'{"x":[' + b",".join([b"{}"] * 100000) + b"]}"
    assert len(data) < 1 << 20
    envelope(post(place, data), 413, "payload_too_large_error")


def test_pieces_are_put_together(place, creates):
    data = json.dumps(sft()).encode()
    for step in (1, 7, 1000):
        pieces = (data[i:i + step] for i in range(0, len(data), step))
        reply = place.http.post(place.jobs, content=pieces, headers=JSON)
        assert reply.status_code == 201


def test_bodies_of_every_length_around_a_buffers(place, creates):
    """None is cut, none loses its reply: libfcgi and nginx read in pieces."""
    before = place.job_count()
    sizes = [n + d for n in (4096, 8192, 16384, 32768, 65536)
             for d in range(-40, 41, 5)]
    for size in sizes:
        assert post(place, filled(size)).status_code == 201, size
    assert place.job_count() == before + len(sizes)


def test_an_odd_body_of_get_does_no_harm(place):
    reply = place.http.request("GET", "/api/v1/training/catalog",
                               content=b"x" * 1000)
    assert reply.status_code == 200


def test_unknown_keys_by_the_thousand(place):
    found = post(place, json.dumps(
        {f"key-{i}": i for i in range(50000)}).encode())
    assert len(found.json()["errors"]) == 20
    assert found.json()["detail"].endswith("(and 50002 more)")
