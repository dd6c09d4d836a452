"""LlamaIndex's ingestion as its documents show it: a program for an environment of its own, and what that must hold.

Footnote imports none of it: the packages are installed beside, and the program is handed to their Python.
"""

from __future__ import annotations

PACKAGES = (
    "llama-index-core",
    "llama-index-embeddings-huggingface",
    "llama-index-vector-stores-faiss",
    "faiss-cpu",
    "torch==2.13.0",
)

# Arguments: the folder of files, the model's folder, tokens in a chunk, dimensions. Its last line of output is JSON.
# Batches of 32, as in footnote's settings, not its own 10; the model's tokenizer, for the same size of chunks.
LLAMA_INDEX = """
import json, os, sys, time
from pathlib import Path

import faiss
from llama_index.core import Document
from llama_index.core.ingestion import IngestionPipeline
from llama_index.core.node_parser import SentenceSplitter
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.vector_stores.faiss import FaissVectorStore
from tokenizers import Tokenizer

files, model, max_tokens, dimension = sys.argv[1:]
tokenizer = Tokenizer.from_file(model + "/tokenizer.json")
tokenizer.no_truncation()
tokenizer.no_padding()


def tokens(text):
    return tokenizer.encode(text, add_special_tokens=False).ids


def cpu_seconds():
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


embedding = HuggingFaceEmbedding(model_name=model, device="cpu", embed_batch_size=32, local_files_only=True)
embedding.get_text_embedding("warm")
splitter = SentenceSplitter(chunk_size=int(max_tokens), chunk_overlap=0, tokenizer=tokens)
store = FaissVectorStore(faiss_index=faiss.IndexFlatIP(int(dimension)))
pipeline = IngestionPipeline(transformations=[splitter, embedding], vector_store=store)
cpu, start = cpu_seconds(), time.perf_counter()
paths = sorted(Path(files).iterdir())
documents = [Document(text=path.read_text(encoding="utf-8"), doc_id=path.name) for path in paths]
nodes = pipeline.run(documents=documents)
seconds, cpu = time.perf_counter() - start, cpu_seconds() - cpu
mean = sum(len(tokens(node.get_content())) for node in nodes) / len(nodes)
print(json.dumps({
    "chunks": len(nodes), "seconds": round(seconds, 3), "cpu_seconds": round(cpu, 3), "mean_tokens": round(mean, 1),
}))
"""
