"""Commands about model packs; `scripts/` holds their entry points."""
