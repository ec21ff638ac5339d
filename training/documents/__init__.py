"""Measures how documents are read: photos of made-up people, scores, and the pages that show them."""
