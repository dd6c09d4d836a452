"""Figures of rankings, answers, quotes and refusals. Pure; a figure that was not measured is None, never NaN or 1.0."""
