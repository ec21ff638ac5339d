"""computervision.vn, API v1: /backend/api/v1/request/..."""

from app.dialects.cv1 import faces, ocr, search

ROUTERS = (
    ocr.router,
    ocr.licence_router,
    ocr.file_router,
    ocr.scan_router,
    faces.router,
    search.router,
)
