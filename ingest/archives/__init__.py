"""Archives: what is in them, one file at a time."""
