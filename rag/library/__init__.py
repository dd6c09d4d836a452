"""The library: one truth in SQL, and the FAISS and tantivy indexes that are replayed from it."""
