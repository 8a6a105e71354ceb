# SPDX-License-Identifier: BSD-2-Clause
"""All routes, for tests that hold for each."""
import re

from harness import DESCRIPTION

# {path: methods}, from the description, which is made from the router's table
ROUTES = {path: [verb.upper() for verb in item]
          for path, item in DESCRIPTION().doc["paths"].items()}


def filled(path):
    values = {"org": "acme", "ws": "main", "kind": "dataset",
              "name": "routes", "version": "1"}
    return re.sub(r"{(\w+)}", lambda m: values.get(m[1], "x"), path)
