"""The error tables of computervision v1, whose pages number the same causes differently."""

from __future__ import annotations

from app.dialects import computervision
from app.dialects.base import ErrorTable

BESIDES = computervision.Besides(
    unknown_route="Không tìm thấy API",
    too_fast="Quá nhiều request trong một phút",
    busy="Hệ thống đang bận, vui lòng thử lại",
    database="Hệ thống tạm thời không lưu được dữ liệu, vui lòng thử lại",
    internal="Lỗi hệ thống",
)


def table(*, no_content: str, wrong_format: str, wrong_key: str, quota_spent: str) -> ErrorTable:
    """One page's codes."""
    return computervision.table(
        no_content=(no_content, "Ảnh không chứa nội dung"),
        unreachable=("2", "Url của ảnh không khả dụng"),
        wrong_format=(wrong_format, "Ảnh sai format"),
        quota_spent=(quota_spent, "Hết số lượng request hữu dụng"),
        wrong_key=(wrong_key, "Api_key hoặc api_secret không đúng"),
        besides=BESIDES,
    )
