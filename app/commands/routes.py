"""Every method, path and image format the service answers, and the test that proves it."""

from __future__ import annotations

import argparse
import ast
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from fastapi.routing import APIRoute

from app.dialects.documentation import FORMATS_KEY
from app.main import ROUTERS
from app.settings import ROOT

CONTRACT_TESTS = ROOT / "tests" / "contract"
MARK = "proves"
"""`@pytest.mark.proves("POST /path format", ...)` on a test says which rows it proves."""


@dataclass(frozen=True, slots=True)
class Row:
    method: str
    path: str
    format: str
    dialect: str
    test: str | None


def main(argv: Sequence[str]) -> int:
    """0 when every row has its test, else 1."""
    parser = argparse.ArgumentParser(prog="routes", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    asked = parser.parse_args(argv)
    found = rows(CONTRACT_TESTS)
    if asked.json:
        sys.stdout.write(json.dumps({"routes": [asdict(row) for row in found]}) + "\n")
    else:
        for row in found:
            proof = row.test or "NOT TESTED"
            sys.stdout.write(f"{row.method:6} {row.path} {row.format:6} {row.dialect}  {proof}\n")
    return 0 if all(row.test for row in found) else 1


def rows(tests: Path) -> list[Row]:
    """One row per route and format, in the order of the families."""
    proofs = dict(_proofs(tests))
    return [
        Row(
            method,
            route.path,
            kind,
            router.family.scope,
            proofs.get(f"{method} {route.path} {kind}"),
        )
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in sorted(route.methods or ())
        for kind in (route.openapi_extra or {}).get(FORMATS_KEY, [])
    ]


def _proofs(tests: Path) -> Iterator[tuple[str, str]]:
    """Row -> test, read from the marks in the test files without running them."""
    for file in sorted(tests.glob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for mark in node.decorator_list:
                if not (isinstance(mark, ast.Call) and isinstance(mark.func, ast.Attribute)):
                    continue
                if mark.func.attr == MARK:
                    name = f"{file.relative_to(tests.parents[1])}::{node.name}"
                    yield from ((str(ast.literal_eval(a)), name) for a in mark.args)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
