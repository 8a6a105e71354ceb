# SPDX-License-Identifier: BSD-2-Clause
"""The API description, and replies held against it.

Every client of a stack checks what it gets (harness.Stack.client), so that
no test can see a reply that the description does not tell of.
"""
import functools
import json
import re

import jsonschema

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
VERBS = ("get", "post", "put", "delete")
# What nginx, or the responder before it has found a route, may say anywhere.
ANYWHERE = {400, 405, 408, 411, 413, 414, 421, 426, 429, 431, 501, 502, 503,
            504, 505}

# Headers that a reply has whenever the description names them for it.
ALWAYS = {"X-Request-Id", "Cache-Control", "Location", "ETag",
          "WWW-Authenticate", "Content-Range", "Content-Disposition"}

formats = jsonschema.FormatChecker(formats=("uuid",))


@formats.checks("date-time")
def is_time(value):
    return not isinstance(value, str) or TIME.fullmatch(value) is not None


class Operation:
    """One method of one path."""

    def __init__(self, doc, path, verb, said):
        self.doc = doc
        self.path = path
        self.verb = verb
        self.said = said
        self.id = said["operationId"]
        self.responses = {
            int(status): self.resolve(response)
            for status, response in said["responses"].items()
            if status != "default"}

    def __str__(self):
        return f"{self.verb.upper()} {self.path}"

    def resolve(self, thing):
        while "$ref" in thing:
            target = self.doc
            for part in thing["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            thing = target
        return thing

    @property
    def scopes(self):
        """None: it needs no token."""
        return self.said["security"][0]["bearer"] if (
            self.said["security"]) else None

    def parameters(self, where):
        return [p for p in self.said["parameters"] if p["in"] == where]

    @functools.cached_property
    def validators(self):
        resolver = jsonschema.RefResolver("", self.doc)
        return {
            status: jsonschema.Draft202012Validator(
                response["content"]["application/json"]["schema"],
                resolver=resolver, format_checker=formats)
            for status, response in self.responses.items()
            if "application/json" in response.get("content", {})}

    @functools.cached_property
    def texts(self):
        """Other types that a status may come in, for people to look at."""
        return {status: {f"{kind}; charset=utf-8"
                         for kind in response.get("content", {})
                         if kind.startswith("text/")}
                for status, response in self.responses.items()}

    def check(self, status, headers, read):
        """Asserts that the reply is one that the description tells of.

        read() gives the body; None: there is none, as with HEAD.
        """
        if status not in self.responses:
            assert status in ANYWHERE, f"{self}: {status} is not described"
            return
        for name in self.responses[status]["headers"]:
            if name in ALWAYS or (name == "Retry-After" and status != 409):
                assert name.lower() in headers, f"{self}: {status}: no {name}"
        if status not in self.validators:
            return
        kind = headers["content-type"]
        if kind != "application/json":
            assert kind in self.texts.get(status, ()), f"{self}: {kind}"
            return
        faults = [] if read is None else sorted(
            self.validators[status].iter_errors(json.loads(read())), key=str)
        assert not faults, (
            f"{self}: {status}: {faults[0].json_path}: "
            f"{faults[0].message[:500]}")


class Description:
    def __init__(self, path):
        self.doc = json.loads(path.read_text())
        close(self.doc["components"]["schemas"])
        self.operations = [
            Operation(self.doc, path, verb, item[verb])
            for path, item in self.doc["paths"].items()
            for verb in VERBS if verb in item]
        # the most literal path first, as the router does
        self.patterns = [
            (re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))),
             {o.verb: o for o in self.operations if o.path == path})
            for path in sorted(self.doc["paths"],
                               key=lambda path: path.count("{"))]

    def find(self, method, path):
        """The operation that answers; None: there is none."""
        verb = "get" if method == "HEAD" else method.lower()
        for pattern, operations in self.patterns:
            if pattern.fullmatch(path):
                return operations.get(verb)
        return None

    def check(self, response):
        """For a response hook of httpx."""
        request = response.request
        operation = self.find(request.method, request.url.path)
        if operation is not None:
            operation.check(
                response.status_code, response.headers,
                None if request.method == "HEAD" else response.read)


def close(schemas):
    """Callers may get more members one day; today there are no others."""
    for schema in schemas.values():
        if "properties" in schema:
            schema.setdefault("additionalProperties", False)


@functools.lru_cache(maxsize=None)
def description(path):
    return Description(path)
