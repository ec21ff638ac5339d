"""computervision.vn, API v2: /api/v2/..."""

PREFIX = "/api/v2"
