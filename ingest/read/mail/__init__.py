"""Mail and what hangs on it."""
