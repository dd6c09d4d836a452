"""The truth in SQL, and the indexes that are caches of it."""
