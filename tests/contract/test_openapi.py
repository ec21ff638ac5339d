"""The OpenAPI document says what the service does: generated requests meet no server fault, no status and no shape that is not
in it."""

from __future__ import annotations

import os
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.commands import postman, routes
from app.dialects.examples import examples
from app.main import ROUTERS
from app.settings import ROOT
from tests.live import Live

EXAMPLES = int(os.environ.get("EKYC_EXAMPLES", "100"))
"""Requests in all; `scripts/test --all` sends 5,000."""
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)


@pytest.fixture(scope="module")
def document(service: Live) -> dict[str, object]:
    return dict(requests.get(service.url + "/openapi.json", timeout=20).json())


def test_every_row_has_its_examples(
    document: dict[str, dict[str, dict[str, dict[str, object]]]],
) -> None:
    for row in routes.rows(examples()):
        operation = document["paths"][row.path][row.method.lower()]
        shown = operation["responses"]["200"]["content"]["application/json"]["examples"]  # type: ignore[index]
        assert shown[row.format]["value"] == examples()[row.key]["answer"]


def test_every_route_names_the_headers_of_a_signed_request(document: dict[str, Any]) -> None:
    headers = document["components"]["parameters"]
    page = (ROOT / "docs" / "api" / "signed-requests.md").read_text("utf-8").lower()
    assert all(f"`{name}`" in page for name in headers)
    told = [{"$ref": f"#/components/parameters/{name}"} for name in headers]
    assert len(told) == 4
    for row in routes.rows(examples()):
        assert document["paths"][row.path][row.method.lower()]["parameters"][-4:] == told


def test_every_documented_error_is_in_it(document: dict[str, dict[str, dict[str, object]]]) -> None:
    for router in ROUTERS:
        for route in router.routes:
            operation = next(iter(document["paths"][route.path].values()))  # type: ignore[attr-defined]
            told = operation["responses"]  # type: ignore[index]
            for status, code, message in router.family.errors.values():
                shown = told[str(status)]["content"]["application/json"]["examples"]
                assert message in str(shown[f"code {code}"]["value"])


def test_generated_requests(service: Live) -> None:
    schema = schemathesis.openapi.from_url(service.url + "/openapi.json")
    operations = [result.ok() for result in schema.get_all_operations()]
    each = max(1, EXAMPLES // len(operations))
    for operation in operations:
        modes = schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE
        cases = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in modes))

        @given(case=cases)
        @settings(
            max_examples=each,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def send(case: schemathesis.Case) -> None:
            answer: Response = case.call(headers=service.token, auth=service.basic, timeout=20)
            case.validate_response(answer, checks=CHECKS)

        send()


def test_the_postman_collection_is_the_one_of_these_routes() -> None:
    assert postman.COLLECTION.read_text("utf-8") == postman.text()
