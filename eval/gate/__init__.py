"""The quality gate: two minutes of measuring, against a committed baseline."""
