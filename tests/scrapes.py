# SPDX-License-Identifier: BSD-2-Clause
"""Metrics as Prometheus reads them."""
import pathlib
import tempfile

import httpx
from harness import BUILD, PATIENCE
from prometheus_client.parser import text_string_to_metric_families

SUFFIXES = ("_bucket", "_sum", "_count")


def table(program=None):
    """gen/metrics.txt: name -> (type, labels), of one program or of both."""
    rows = [line.split("\t") for line in
            (BUILD / "gen/metrics.txt").read_text().splitlines()]
    return {name: (kind, labels.split(",") if labels else [])
            for name, kind, programs, labels in rows
            if program is None or program in programs}


def series(name):
    """The row of the table that a series belongs to."""
    rows = table()
    for suffix in SUFFIXES:
        short = name.removesuffix(suffix)
        if name not in rows and rows.get(short, ("",))[0] == "histogram":
            return short
    return name


class Scrape:
    """An address of metrics: a Unix socket that is in nobody's way."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="trainyard-scrape.")
        self.path = str(pathlib.Path(self.folder.name) / "m")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.folder.cleanup()

    def ask(self, path="/metrics", method="GET", **options):
        with httpx.Client(transport=httpx.HTTPTransport(uds=self.path),
                          timeout=PATIENCE) as client:
            return client.request(method, f"http://metrics{path}", **options)

    def families(self):
        """name -> family, parsed by Prometheus' own library."""
        reply = self.ask()
        assert reply.status_code == 200, reply.text
        return {self.full(f): f
                for f in text_string_to_metric_families(reply.text)}

    @staticmethod
    def full(family):
        # the library takes _total off a counter's name
        return family.name + ("_total" if family.type == "counter" else "")

    def value(self, name, **labels):
        """The sum of a series' values with these labels; 0 for none."""
        return sum(sample.value
                   for family in self.families().values()
                   for sample in family.samples
                   if sample.name == name
                   and labels.items() <= sample.labels.items())
