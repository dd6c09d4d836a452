"""Adapters from models to the ports."""
