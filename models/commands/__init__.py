"""Commands about model packs; `app/commands` gives them the service's settings."""
