"""What the files in scripts/ run."""
