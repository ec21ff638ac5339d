"""The table of administrative units, and how well addresses are found in it."""
