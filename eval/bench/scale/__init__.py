"""What becomes of retrieval at a hundred thousand chunks and at a million, beside bare FAISS and bare tantivy."""
