"""Footnote beside LlamaIndex, Haystack and txtai: the same files, questions and embedding model, one process each."""
