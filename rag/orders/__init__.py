"""Wordings that tell a machine what to do, in English and Chinese."""
