"""Benchmarks: each module measures one choice that the code made, and prints JSON."""
