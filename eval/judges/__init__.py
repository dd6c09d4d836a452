"""Judges of faithfulness: whether what an answer says is said by what it rests on.

A judge that fails is counted as failed: it gives no figure, and no whole one. Where there is nothing to rest on,
nothing is supported.
"""
