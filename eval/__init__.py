"""Datasets, metrics, runs and reports. Import from its modules; a bare `import eval` hides the builtin."""
