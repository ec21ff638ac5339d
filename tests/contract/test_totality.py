"""Every family answers every failure and spells every document."""

from __future__ import annotations

import pickle
from collections.abc import Mapping

import pytest
from fastapi.routing import APIRoute
from starlette.requests import Request

from app.dialects.base import Family, FamilyRouter, code_of
from app.dialects.cv1 import faces as cv1_faces
from app.dialects.cv1 import names as cv1_names
from app.dialects.cv1 import ocr as cv1_ocr
from app.dialects.cv1 import search as cv1_search
from app.dialects.cv2 import cards as cv2_cards
from app.dialects.cv2 import faces as cv2_faces
from app.dialects.cv2 import names as cv2_names
from app.dialects.cv2 import search as cv2_search
from app.dialects.techainer.names import CLASS_NAMES, class_name
from app.main import ROUTERS
from app.settings import ROOT
from pipelines import errors
from pipelines.documents import DOCUMENTS
from pipelines.errors import EkycError
from pipelines.types import Side


def leaves(kind: type[EkycError]) -> set[type[EkycError]]:
    below = kind.__subclasses__()
    return {kind} if not below else set().union(*(leaves(one) for one in below))


def example(kind: type[EkycError]) -> EkycError:
    return kind("x", "y") if kind is errors.BadParameter else kind("x")


def test_every_error_is_defined_in_the_tree() -> None:
    assert {kind.__module__ for kind in leaves(EkycError)} == {errors.__name__}


@pytest.mark.parametrize("kind", sorted(leaves(EkycError), key=lambda k: k.__name__))
def test_every_error_is_the_same_in_another_process(kind: type[EkycError]) -> None:
    error = example(kind)
    error.name = "image_card1"
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), vars(copy)) == (kind, str(error), vars(error))


@pytest.mark.parametrize("router", ROUTERS, ids=lambda r: r.family.scope)
@pytest.mark.parametrize("kind", sorted(leaves(EkycError), key=lambda k: k.__name__))
def test_every_failure_is_answered(router: FamilyRouter, kind: type[EkycError]) -> None:
    state = {"began": 0.0, "request_id": "x"}
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": [], "state": state})
    family, error = router.family, example(kind)
    status, code, message = code_of(family.errors, error)
    assert status in (200, 401, 403, 404, 422, 429, 500, 503)
    envelope = family.failure(request, error, code, message)
    assert code in map(str, envelope.values())
    assert any(str(value).startswith(message) for value in envelope.values())


@pytest.mark.parametrize(
    ("family", "numbers"),
    [
        (cv1_ocr.FAMILY, "12345"),
        (cv1_ocr.SCAN_FAMILY, "12345"),
        (cv1_faces.FAMILY, "32154"),
        (cv1_search.FAMILY, "32154"),
        (cv2_search.FAMILY, "12345"),
        (cv2_cards.FAMILY, "12345"),
        (cv2_faces.FAMILY, "12345"),
    ],
)
def test_the_same_causes_have_the_documented_numbers(family: Family, numbers: str) -> None:
    table = family.errors
    told = {
        kind.__name__: code_of(table, example(kind))[1]
        for kind in (
            errors.NoDocument,
            errors.ImageUnreachable,
            errors.ImageUnreadable,
            errors.QuotaSpent,
            errors.BadCredentials,
        )
    }
    assert list(told.values()) == list(numbers)


@pytest.mark.parametrize("sides", [cv1_names.SIDES, cv2_names.SIDES, CLASS_NAMES])
def test_every_document_is_spelled(sides: Mapping[tuple[str, Side], object]) -> None:
    assert {(d.kind.slug, d.side) for d in DOCUMENTS} <= set(sides)


def test_techainer_words_fit_the_fields() -> None:
    """A field without a word would never be told."""
    for document in DOCUMENTS:
        assert set(document.fields) <= set(class_name(document).words.values()), document.slug


PAGES = {"cv1": "computervision-v1", "cv2": "computervision-v2", "techainer": "techainer"}


@pytest.mark.parametrize("router", ROUTERS, ids=lambda r: r.family.scope)
def test_the_page_tells_every_route_and_every_error(router: FamilyRouter) -> None:
    family = router.family
    page = (ROOT / "docs" / "api" / f"{PAGES[family.scope.dialect]}.md").read_text("utf-8")
    for status, code, message in family.errors.values():
        assert f"| {status} | {code} | {message} |" in page
    for route in router.routes:
        assert isinstance(route, APIRoute)
        name = route.path.removesuffix("/{image_id}").rpartition("/")[2]
        assert name.removesuffix("base64") in page
