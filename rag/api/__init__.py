"""The HTTP service: rag.wire's models over rag's answers and libraries. Reading documents is the worker's."""

from rag.api.app import create_app

__all__ = ["create_app"]
