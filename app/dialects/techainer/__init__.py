"""Techainer's on-premise module: /call/..."""

PREFIX = "/call"
