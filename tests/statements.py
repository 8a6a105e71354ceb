# SPDX-License-Identifier: BSD-2-Clause
"""What the programs say to PostgreSQL, read from where they have it."""
import pathlib
import re

TOP = pathlib.Path(__file__).resolve().parent.parent
# What a server's sessions tell the planner, as options of a connection.
PLANNER = " ".join(re.findall(
    r"-c (?:jit|enable_\w+|\w+_cost|plan_cache_mode)=[\w.]+",
    (TOP / "lib/store/db.c").read_text()))


def read():
    """Name to (section of sql/queries.sql, text without comments)."""
    section, name, found = "", None, {}
    for line in (TOP / "sql/queries.sql").read_text().splitlines():
        if head := re.fullmatch(r"-- ([a-z0-9_]+) --", line):
            name = head[1]
            found[name] = (section, "")
        elif head := re.fullmatch(r"-- ([A-Z].*?) -+", line):
            section = head[1]
        elif name and not line.lstrip().startswith("--"):
            found[name] = (section, found[name][1] + line + "\n")
    return found


STATEMENTS = read()


def text(name):
    return STATEMENTS[name][1]
