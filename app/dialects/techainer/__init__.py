"""Techainer's on-premise module: /call/..."""

from app.dialects.techainer import ekyc

ROUTERS = (ekyc.router,)
