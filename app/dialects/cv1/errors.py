"""The error tables of computervision v1, whose pages number the same causes differently."""

from __future__ import annotations

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


def table(*, no_content: str, wrong_format: str, wrong_key: str, quota_spent: str) -> ErrorTable:
    """One page's codes. They travel with 200: the document shows no status, and its samples read the body without looking at
    one."""
    refused = (200, wrong_key, "Api_key hoặc api_secret không đúng")
    return {
        NothingFound: (200, no_content, "Ảnh không chứa nội dung"),
        ImageUnreachable: (200, "2", "Url của ảnh không khả dụng"),
        BadInput: (200, wrong_format, "Ảnh sai format"),
        QuotaSpent: (200, quota_spent, "Hết số lượng request hữu dụng"),
        BadCredentials: refused,
        ScopeMissing: refused,
        # The document has no codes for these; ours are HTTP statuses; 507 travels with 503, which clients know.
        UnknownRoute: (404, "404", "Không tìm thấy API"),
        TooFast: (429, "429", "Quá nhiều request trong một phút"),
        Refused: (503, "503", "Hệ thống đang bận, vui lòng thử lại"),
        DatabaseUnavailable: (
            503,
            "507",
            "Hệ thống tạm thời không lưu được dữ liệu, vui lòng thử lại",
        ),
        Internal: (500, "500", "Lỗi hệ thống"),
    }
