"""Which nodes a library holds for LlamaIndex, and in which of its documents.

Each document of LlamaIndex's (a ref_doc_id) is one document of the library, at a location of its own. The file that it
was read from is the list of its nodes as JSON; their texts are slices of its text, and its chunks.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from threading import Lock
from typing import Any

from llama_index.core.schema import BaseNode, MetadataMode
from llama_index.core.vector_stores.utils import metadata_dict_to_node, node_to_metadata_dict

from rag.errors import InvalidRequest, NotFound
from rag.library.library import FileFacts, Library
from rag.llama.layout import Piece, laid_out
from rag.ports import Matrix
from rag.text import language_of
from rag.types import Block, Chunk, Document, Span

LOCATION = "llama:"  # as a folder: LOCATION/REF_DOC_ID
METADATA_KEY = "llama_ref_doc_id"
MIME = "text/plain"
CACHED_FILES = 64
NAMES = ("file_path", "file_name", "source", "url")  # of the metadata; the first that is there is the source
TITLES = ("title", "document_title", "file_name")
_PARAGRAPH = re.compile(r"\S(?:.|\n(?!\s*\n))*")


Written = Mapping[Span, Mapping[str, Any]]  # what the file says of each node, in the order of the chunks


@dataclass(frozen=True, slots=True)
class Record:
    """A node, without what is read from its file when it is given."""

    id: str
    metadata: Mapping[str, Any]
    span: Span


@dataclass(frozen=True)
class Shelved:
    """A document of LlamaIndex's as the library holds it; records in the order of its chunks."""

    document_id: str
    ref_doc_id: str
    records: tuple[Record, ...]

    @cached_property
    def by_span(self) -> Mapping[Span, Record]:
        return {record.span: record for record in self.records}


class Shelf:
    def __init__(self, library: Library) -> None:
        self._library = library
        # By document id, which is a hash of all that it was made from: what is held never grows old.
        self._held: dict[str, Shelved] = {}
        self._by_node: dict[str, str] = {}  # a node's id -> its document's
        self._turn = Lock()  # for these two
        self._written = lru_cache(maxsize=CACHED_FILES)(self._read)

    def refresh(self) -> None:
        """See what other processes have added and removed."""
        standing = {row.document_id for row in self._library.sources(LOCATION)}
        with self._turn:
            held = set(self._held)
        for document_id in held - standing:
            self._release(document_id)
        for document_id in standing - held:
            self.get(document_id)

    def __iter__(self) -> Iterator[Shelved]:
        with self._turn:
            return iter(list(self._held.values()))

    def get(self, document_id: str) -> Shelved | None:
        """Return what is held of a document of the library, None where that is gone or not one of LlamaIndex's."""
        held = self._held.get(document_id)
        if held is not None:
            return held
        try:
            document = self._library.document(document_id)
            if METADATA_KEY not in document.metadata:
                return None
            written = self._written(document_id)
        except NotFound:  # removed a moment ago
            return None
        return self._hold(document_id, document.metadata[METADATA_KEY], written)

    def of_ref_doc(self, ref_doc_id: str) -> Shelved | None:
        row = self._library.source_at(_location(ref_doc_id))
        return None if row is None else self.get(row.document_id)

    def of_node(self, node_id: str) -> Shelved | None:
        document_id = self._by_node.get(node_id)
        return None if document_id is None else self._held.get(document_id)

    def node(self, document: Document, span: Span) -> BaseNode | None:
        """Return the node that stands there, None where there is none; its text is the document's."""
        shelved = self.get(document.id)
        if shelved is None or span not in shelved.by_span:
            return None
        try:
            return _node(self._written(document.id)[span], document.text)
        except NotFound:  # removed a moment ago
            return None

    def nodes(self, shelved: Shelved) -> tuple[list[BaseNode], Matrix]:
        """Return a document's nodes with their vectors. Raises InvalidRequest where it was cut anew meanwhile."""
        text = self._library.document(shelved.document_id).text
        keys = {Span(chunk.start, chunk.end): chunk.key for chunk in self._library.chunks_of(shelved.document_id)}
        if keys.keys() != shelved.by_span.keys():
            raise InvalidRequest(
                f"{shelved.ref_doc_id}: the library was rebuilt; its chunks are no longer the nodes that were added",
                hint="delete the document and add it again",
            )
        rows = self._library.vectors(keys[record.span] for record in shelved.records)
        return [_node(one, text) for one in self._written(shelved.document_id).values()], rows

    def put(self, ref_doc_id: str, nodes: Sequence[BaseNode], rows: Matrix) -> None:
        """Store these nodes as all that there is of a document. rows: float32 (len(nodes), d), unit rows."""
        before = self.of_ref_doc(ref_doc_id)
        text, spans = laid_out([_piece(node) for node in nodes])
        order = sorted(range(len(nodes)), key=lambda place: (spans[place].start, spans[place].end))
        written = {spans[place]: _record(nodes[place], spans[place]) for place in order}
        whole = {"ref_doc_id": ref_doc_id, "text": text, "nodes": list(written.values())}
        data = json.dumps(whole, ensure_ascii=False).encode()
        sha256 = self._library.keep_original(data)
        about = nodes[order[0]].metadata
        document = Document(
            id=hashlib.sha256(f"{LOCATION}{sha256}".encode()).hexdigest(),
            title=_first(about, TITLES) or ref_doc_id,
            source=_first(about, NAMES) or ref_doc_id,
            mime=MIME,
            text=text,
            blocks=tuple(Block(match.start(), match.end()) for match in _PARAGRAPH.finditer(text)),
            language=language_of(text),
            metadata={METADATA_KEY: ref_doc_id},
        )
        facts = FileFacts(_location(ref_doc_id), document.source, sha256, len(data), 0)
        chunks = [Chunk(0, document.id, spans[place].start, spans[place].end) for place in order]
        self._library.put(document, chunks, rows[order], facts)
        if before is not None:
            self._release(before.document_id)
        self._hold(document.id, ref_doc_id, written)

    def drop(self, ref_doc_id: str) -> bool:
        """False: there was nothing."""
        before = self.of_ref_doc(ref_doc_id)
        if before is not None:
            self._release(before.document_id)
        return self._library.forget(_location(ref_doc_id))

    def _read(self, document_id: str) -> Written:
        """Raises NotFound."""
        path = self._library.original(document_id)
        try:
            nodes = json.loads(path.read_bytes())["nodes"]
        except FileNotFoundError as error:
            raise NotFound(f"no original of {document_id}", hint="it was removed; search again") from error
        return {Span(one["start"], one["end"]): one for one in nodes}

    def _hold(self, document_id: str, ref_doc_id: str, written: Written) -> Shelved:
        shared: dict[str, Mapping[str, Any]] = {}  # the nodes of a document mostly have the same
        records = []
        for span, one in written.items():
            metadata = one["content"]["metadata"]
            metadata = shared.setdefault(json.dumps(metadata, sort_keys=True), metadata)
            records.append(Record(one["content"]["id_"], metadata, span))
        shelved = Shelved(document_id, ref_doc_id, tuple(records))
        with self._turn:
            self._held[document_id] = shelved
            self._by_node.update((record.id, document_id) for record in records)
        return shelved

    def _release(self, document_id: str) -> None:
        with self._turn:
            shelved = self._held.pop(document_id, None)
            for record in shelved.records if shelved else ():
                if self._by_node.get(record.id) == document_id:
                    del self._by_node[record.id]


def _location(ref_doc_id: str) -> str:
    return f"{LOCATION}/{ref_doc_id}"


def _node(one: Mapping[str, Any], text: str) -> BaseNode:
    metadata = {"_node_content": json.dumps(one["content"]), "_node_type": one["kind"]}
    return metadata_dict_to_node(metadata, text=text[one["start"] : one["end"]])


def _record(node: BaseNode, span: Span) -> dict[str, Any]:
    written = node_to_metadata_dict(node, remove_text=True)
    content = json.loads(written["_node_content"])
    return {"content": content, "kind": written["_node_type"], "start": span.start, "end": span.end}


def _piece(node: BaseNode) -> Piece:
    text = node.get_content(metadata_mode=MetadataMode.NONE)
    if not text:
        raise InvalidRequest(f"node {node.node_id} has no text", hint="leave it out: there is nothing to cite in it")
    start, end = getattr(node, "start_char_idx", None), getattr(node, "end_char_idx", None)
    return Piece(text, Span(start, end) if start is not None and end is not None else None)


def _first(metadata: Mapping[str, Any], names: Sequence[str]) -> str:
    return next((str(metadata[name]) for name in names if metadata.get(name)), "")
