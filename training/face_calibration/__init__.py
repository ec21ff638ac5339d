"""Measures a pack's faces, and chooses what its cosines mean."""
