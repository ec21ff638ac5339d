"""Every family answers every failure and spells every document."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from app.dialects.base import Family, code_of
from app.dialects.cv1 import ocr
from app.dialects.cv1.names import WORDS
from app.dialects.cv2 import faces
from app.dialects.techainer import register
from app.dialects.techainer.names import CLASS_NAMES
from app.main import DIALECTS
from pipelines import errors
from pipelines.documents import DOCUMENTS
from pipelines.errors import EkycError


def leaves(kind: type[EkycError]) -> set[type[EkycError]]:
    below = kind.__subclasses__()
    return {kind} if not below else set().union(*(leaves(one) for one in below))


def example(kind: type[EkycError]) -> EkycError:
    return kind("x", "y") if kind is errors.BadParameter else kind("x")


def test_every_error_is_defined_in_the_tree() -> None:
    assert {kind.__module__ for kind in leaves(EkycError)} == {errors.__name__}


@pytest.mark.parametrize("module", DIALECTS, ids=lambda m: m.FAMILY.name)
@pytest.mark.parametrize("kind", sorted(leaves(EkycError), key=lambda k: k.__name__))
def test_every_failure_is_answered(module: object, kind: type[EkycError]) -> None:
    family: Family = module.FAMILY  # type: ignore[attr-defined]
    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    scope["state"] = {"began": 0.0, "request_id": "x"}
    answer = family.answer(example(kind), Request(scope))
    assert answer.status_code in (200, 401, 403, 404, 422, 429, 500, 503)
    assert bytes(answer.body).startswith(b"{")


@pytest.mark.parametrize("module", [ocr, faces])
def test_the_same_causes_have_the_documented_numbers(module: object) -> None:
    table = module.ERRORS  # type: ignore[attr-defined]
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
    assert list(told.values()) == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize("words", [WORDS, CLASS_NAMES], ids=["cv1", "techainer"])
def test_every_document_is_spelled(words: dict[str, object]) -> None:
    assert {document.slug for document in DOCUMENTS} <= set(words)


def test_no_word_of_v1_asks_for_a_field_no_side_prints() -> None:
    printed = {name for document in DOCUMENTS for name in document.fields}
    assert {name for words in WORDS.values() for name in words.values()} <= printed


def test_techainer_words_fit_the_fields() -> None:
    """A word that asks for a field no side prints would always be absent."""
    printed = {name for document in DOCUMENTS for name in document.fields}
    for document in DOCUMENTS:
        asked = set(CLASS_NAMES[document.slug].words.values())
        assert set(document.fields) <= asked, document.slug
        assert asked <= printed
    assert register.FAMILY.prefix == "/call"
