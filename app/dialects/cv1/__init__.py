"""computervision.vn, API v1: /backend/api/v1/request/..."""

PREFIX = "/backend/api/v1/request"
