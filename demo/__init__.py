"""The main job on made-up people, through the real service: what `scripts/demo` runs."""
