"""What both versions of computervision.vn have in common: which errors they know, whatever number and words they have for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from app.dialects.base import ErrorTable
from pipelines.errors import (
    BadCredentials,
    BadInput,
    DatabaseUnavailable,
    ImageUnreachable,
    Internal,
    NothingFound,
    QuotaSpent,
    Refused,
    ScopeMissing,
    TooFast,
    UnknownRoute,
)

CodeAndMessage: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Besides:
    """Messages for what the pages have no codes for. Ours are HTTP statuses; 507 travels with 503, which clients know."""

    unknown_route: str
    too_fast: str
    busy: str
    database: str
    internal: str


def table(
    *,
    no_content: CodeAndMessage,
    unreachable: CodeAndMessage,
    wrong_format: CodeAndMessage,
    quota_spent: CodeAndMessage,
    wrong_key: CodeAndMessage,
    besides: Besides,
) -> ErrorTable:
    """One page's. Documented codes travel with 200: the pages show no status, and their samples read the body without looking at
    one."""
    return {
        NothingFound: (200, *no_content),
        ImageUnreachable: (200, *unreachable),
        BadInput: (200, *wrong_format),
        QuotaSpent: (200, *quota_spent),
        BadCredentials: (200, *wrong_key),
        ScopeMissing: (200, *wrong_key),
        UnknownRoute: (404, "404", besides.unknown_route),
        TooFast: (429, "429", besides.too_fast),
        Refused: (503, "503", besides.busy),
        DatabaseUnavailable: (503, "507", besides.database),
        Internal: (500, "500", besides.internal),
    }
