"""From bytes to the truth."""
