"""Techainer's on-premise module: /call/..."""

from app.dialects.techainer import ekyc, users

ROUTERS = (ekyc.router, users.router)
