"""Every method, path and image format the service answers, and the test that proves it."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass

from fastapi.routing import APIRoute

from app.dialects.documentation import FORMATS_KEY
from app.dialects.examples import examples
from app.main import ROUTERS

PROOF = "tests/contract/test_pairs.py::test_pair"
"""Sends the row's example and compares the answer, key by key."""


@dataclass(frozen=True, slots=True)
class Row:
    method: str
    path: str
    format: str
    dialect: str
    test: str | None

    @property
    def key(self) -> str:
        return f"{self.method} {self.path} {self.format}"


def main(argv: Sequence[str]) -> int:
    """0 when every row has its test, else 1."""
    parser = argparse.ArgumentParser(prog="routes", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    asked = parser.parse_args(argv)
    found = rows(examples())
    if asked.json:
        sys.stdout.write(json.dumps({"routes": [asdict(row) for row in found]}) + "\n")
    else:
        for row in found:
            proof = row.test or "NOT TESTED"
            sys.stdout.write(f"{row.method:6} {row.path} {row.format:6} {row.dialect}  {proof}\n")
        sys.stdout.write(f"{len(found)} combinations of method, path and format\n")
    return 0 if all(row.test for row in found) else 1


def rows(proved: Collection[str]) -> list[Row]:
    """One row per route and format, in the order of the families; `proved` are the keys with an example."""
    return [
        Row(
            method,
            route.path,
            kind,
            router.family.scope,
            f"{PROOF}[{key}]" if key in proved else None,
        )
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in sorted(route.methods or ())
        for kind in (route.openapi_extra or {}).get(FORMATS_KEY, [])
        for key in [f"{method} {route.path} {kind}"]
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
