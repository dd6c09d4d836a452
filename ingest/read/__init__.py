"""Readers: one file per format, bytes -> Document."""
