"""Rounds in which people rate the answers of runs: made, carried about, and added up."""
