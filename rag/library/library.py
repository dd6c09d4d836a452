"""The library: opens the truth and its two indexes, keeps them in step, and fails closed where they cannot be.

Reading is safe from many threads. Writing takes the lease, for the length of the call where it is not held already.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock

from rag.errors import LibraryBusy, NotFound
from rag.filters import Filters
from rag.library import writing
from rag.library.agree import agree
from rag.library.attributes import Attributes
from rag.library.catalogue import Catalogue
from rag.library.collections import LOCK_NAME
from rag.library.database import Database
from rag.library.durable import folder_bytes
from rag.library.excerpts import excerpts_of
from rag.library.jobs import FILE_NAME, Jobs
from rag.library.lease import Lease
from rag.library.lexical_cache import LexicalCache
from rag.library.masked import is_masked
from rag.library.originals import Originals
from rag.library.places import Places
from rag.library.records import DocumentRow, FileFacts, Manifest, SourceRow, Stats
from rag.library.settled import SettledFiles
from rag.library.store import Store
from rag.library.tags import Tags
from rag.library.vector_cache import VectorCache
from rag.library.verify import find_problems
from rag.library.writing import Written
from rag.ports import Keys, Matrix
from rag.types import Box, Chunk, Document, Hit, Span

__all__ = ["DocumentRow", "FileFacts", "Library", "Manifest", "SourceRow", "Stats"]

CACHED_PLACES = 64


class Library:
    def __init__(self, folder: Path, database: Database, lease: Lease) -> None:
        """Use open(); this assembles what has been checked."""
        self.folder = folder
        self.jobs = Jobs(database)
        self.settled = SettledFiles(database)
        self.tags = Tags(database)
        self._database = database
        self._lease = lease
        self._store = Store(database)
        self._catalogue = Catalogue(database)
        self.attributes = Attributes(self._store)
        self.manifest = self._store.manifest()
        self._originals = Originals(folder / "originals")
        self._vectors = VectorCache(folder / "vectors", self._store, self._store.state())
        self._lexical = LexicalCache(folder / "lexical", self._store)
        self._places: OrderedDict[str, tuple[Document, Places]] = OrderedDict()
        self._places_turn = Lock()
        self._noted: set[str] = set()

    @classmethod
    def open(cls, folder: Path, manifest: Manifest) -> Library:
        """Open a library, or make it where there is none. Raises LibraryMismatch, LibraryDamaged."""
        database = Database(folder / FILE_NAME)
        try:
            lease = Lease(folder / LOCK_NAME)
            agree(folder, database, manifest, lease)
            return cls(folder, database, lease)
        except BaseException:
            database.close()
            raise

    def close(self) -> None:
        self._vectors.close()
        self._database.close()

    def __enter__(self) -> Library:
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        if error is None and self._vectors.wait():  # what catch_up() began to make is not thrown away
            with suppress(LibraryBusy), self._lease.hold():
                self._vectors.save_if_worth()
        self.close()

    # --- reading

    def __len__(self) -> int:
        """The number of chunks that the truth has."""
        if self._vectors.stands_at(self._store.state()):
            return len(self._vectors.index)  # counting rows takes 30 ms where there are a million
        return self._store.count_chunks()

    @property
    def findable(self) -> int:
        """How many chunks there are, as far as this process knows: no look at the truth, which len() takes."""
        return len(self._vectors.index)

    def refresh(self) -> None:
        """Bring the indexes to the end of the log; one look at it where there is nothing new.

        Raises LibraryMismatch where another process rebuilt the library with another embedder.
        """
        state = self._vectors.follow()
        self._lexical.reload()
        if not self._lexical.stands_at(state):
            with suppress(LibraryBusy), self._lease.hold():  # where it is busy, its holder will do it
                self._lexical.catch_up()

    def matching(self, filters: Filters) -> Keys | None:
        """Return the keys of all chunks that may be searched, ascending; None: all there are."""
        return self.attributes.keys(filters) if filters else None

    def dense(self, queries: Matrix, k: int, *, among: Keys | None = None) -> list[list[Hit]]:
        """Return the k nearest chunks of each query, best first; among: of these keys only, ascending.

        queries: float32 (n, d), unit rows. Raises LibraryMismatch if d differs from the library's.
        """
        return self._living(self._vectors, lambda count: self._vectors.search(queries, count, among), k)

    def lexical(self, query: str, k: int, *, among: Keys | None = None) -> list[Hit]:
        """Return the k best chunks by BM25, best first; among: of these keys only, ascending."""
        return self._living(self._lexical, lambda count: [self._lexical.search(query, count, among)], k)[0]

    def lexical_frequency(self, term: str) -> int:
        """In how many chunks a search term stands, about."""
        return self._lexical.frequency(term)

    def chunks(self, keys: Iterable[int]) -> dict[int, Chunk]:
        return self._store.chunks(keys)

    def living(self, keys: Iterable[int]) -> set[int]:
        """Those of the chunks that the truth has."""
        return self._store.live(keys)

    def chunks_of(self, document_id: str) -> tuple[Chunk, ...]:
        """In the text's order."""
        return self._store.chunks_of(document_id)

    def excerpts(self, keys: Iterable[int]) -> dict[int, str]:
        """Title, headings and text of each chunk, a line each; of those that are there."""
        chunks = self._store.chunks(keys)  # documents come whole, and are held: the best are read on soon
        return excerpts_of(chunks, self._store.documents({chunk.document_id for chunk in chunks.values()}))

    def vectors(self, keys: Iterable[int]) -> Matrix:
        """Rows in the order of the keys. Raises NotFound."""
        return self._store.vectors(list(keys), self.manifest.dimension)

    def document(self, document_id: str) -> Document:
        """Raises NotFound."""
        return self._store.document(document_id)

    def documents_with(self, document_ids: Iterable[str]) -> dict[str, Document]:
        """Those of these that there are, by their ids."""
        return self._store.documents(document_ids)

    def document_row(self, document_id: str) -> DocumentRow:
        """Raises NotFound."""
        return self._catalogue.document_row(document_id)

    def documents(self, *, limit: int, after: str | None = None) -> list[DocumentRow]:
        """By source; after is the id that the page before ended with. Raises NotFound where that one is gone."""
        return self._catalogue.document_rows(limit, after)

    def document_with_bytes(self, sha256: str, reader: str) -> str | None:
        return self._catalogue.document_with_bytes(sha256, reader)

    def document_with_text(self, text: str) -> str | None:
        return self._catalogue.document_with_text(text)

    def documents_sharing(self, bands: Collection[int], reader: str, characters: Span, limit: int) -> list[str]:
        """The ids of those of this reader with a text of so many characters that put() was given such bands with.

        Those that share most bands first, then the oldest.
        """
        return self._catalogue.documents_sharing(bands, reader, characters, limit)

    def boxes(self, document_id: str, span: Span) -> tuple[Box, ...]:
        """The boxes of the printed lines that the span touches, in the text's order. Raises NotFound."""
        return self.boxes_in(self._store.document(document_id), span)

    def boxes_in(self, document: Document, span: Span) -> tuple[Box, ...]:
        """The same of a document at hand, whether or not it is still there."""
        return self._places_of(document).boxes(span)

    def place_in(self, document: Document, span: Span) -> str:
        """Where the span stands, if on no page: a sheet's row, a slide, an attachment."""
        return self._places_of(document).name(span)

    def page_of(self, document_id: str, span: Span) -> int | None:
        """The page on which the span begins, from 1. Raises NotFound."""
        boxes = self.boxes(document_id, span)
        return boxes[0].page if boxes else None

    def original(self, document_id: str) -> Path:
        """The file of the bytes that the document was read from. Raises NotFound, also where it was masked."""
        if is_masked(self._catalogue.document_row(document_id).metadata):
            raise NotFound(
                f"the original of document {document_id} was not kept: its personal data was masked",
                hint="see its /text; to keep originals, set ingest.privacy to flag or off and ingest the file again",
            )
        return self._originals.path(self._catalogue.bytes_of(document_id))

    def sources(self, under: str | None = None) -> list[SourceRow]:
        """By location; under: this location, and what lies in it where it is a folder."""
        return self._catalogue.sources(under)

    def source_at(self, location: str) -> SourceRow | None:
        return self._catalogue.source_at(location)

    def created_at(self) -> str:
        return self._store.created_at()

    def count_documents(self) -> int:
        return self._catalogue.count_documents()

    def stats(self) -> Stats:
        """Count everything; reads every document's row and looks at every original."""
        documents, characters, sources = self._catalogue.counts()
        state = self._store.state()
        return Stats(
            documents=documents,
            chunks=len(self),
            sources=sources,
            characters=characters,
            seq=state.seq,
            generation=state.generation,
            vectors_seq=self._vectors.applied_seq,
            lexical_seq=self._lexical.applied_seq,
            vector_index=self._vectors.index.kind,
            runtimes=self._catalogue.runtimes(),
            database_bytes=sum(path.stat().st_size for path in self.folder.glob(f"{FILE_NAME}*")),
            vectors_bytes=folder_bytes(self.folder / "vectors"),
            lexical_bytes=folder_bytes(self.folder / "lexical"),
            originals_bytes=folder_bytes(self.folder / "originals"),
        )

    def verify(self) -> list[str]:
        """Say in words what does not agree among truth, indexes, originals and offsets; reads everything."""
        self.refresh()
        return find_problems(self._database, self._store, self._originals, self._vectors, self._lexical)

    # --- writing

    @contextmanager
    def lease(self, *, timeout_seconds: float = 0) -> Iterator[None]:
        """Be the one writer meanwhile. Reentrant, in any thread that shares this object.

        Raises LibraryBusy, naming the holder.
        """
        with self._lease.hold(timeout_seconds=timeout_seconds):
            yield

    def keep_original(self, data: bytes) -> str:
        """Store the bytes durably and return their sha256; needs no lease."""
        return self._originals.keep(data)

    def note_runtime(self, name: str) -> None:
        """Say what makes the vectors that come from now on: for people, who may wonder; nothing goes by it."""
        if name and name not in self._noted:
            with self.lease():
                writing.note_runtime(self._database, name)
            self._noted.add(name)

    def put(
        self,
        document: Document,
        chunks: Sequence[Chunk],
        vectors: Matrix,
        facts: FileFacts,
        *,
        bands: Collection[int] = (),
    ) -> Document:
        """Store a document at a location in one transaction; what stood there before goes, unless it stands elsewhere.

        chunks: in the text's order; they get their keys here, a run. vectors: float32 (len(chunks), d), unit rows.
        bands: the signed 64-bit numbers that documents_sharing() shall find it by.
        When this returns, it is on the disk. Returns the document with its version. Raises InvalidRequest, LibraryBusy,
        LibraryMismatch where another process has rebuilt the library otherwise.
        """
        with self.lease():
            written = writing.put(self._database, document, chunks, vectors, facts, self.manifest, bands)
            self._drop_orphans(written)
        assert written.document is not None
        return written.document

    def put_duplicate(self, facts: FileFacts, document_id: str) -> None:
        """Say that a document stands at one more location. Raises NotFound, LibraryBusy."""
        with self.lease():
            self._drop_orphans(writing.put_duplicate(self._database, facts, document_id, self.manifest.reader))

    def touch(self, facts: FileFacts) -> None:
        """The same bytes have another time."""
        with self.lease():
            writing.touch(self._database, facts)

    def forget(self, location: str) -> bool:
        """Drop a location, and its document where no other has it. False: nothing stood there."""
        with self.lease():
            written = writing.forget(self._database, location)
            if written is not None:
                self._drop_orphans(written)
        return written is not None

    def remove(self, document_id: str) -> None:
        """Drop a document and its locations. Raises NotFound, LibraryBusy."""
        with self.lease():
            self._drop_orphans(writing.remove(self._database, document_id))

    def catch_up(self) -> None:
        """Bring both indexes to the end of the log, and save what is worth it."""
        with self.lease():
            self._vectors.save_if_worth()
            self._lexical.catch_up()

    def rebuild_indexes(self) -> None:
        """Make both indexes anew from the truth, whatever is on the disk."""
        with self.lease():
            self._vectors.rebuild()
            self._lexical.rebuild()
            self._originals.sweep(self._catalogue.referenced)

    @classmethod
    def rebuild(
        cls,
        folder: Path,
        manifest: Manifest,
        rechunk: Callable[[Document], tuple[Sequence[Chunk], Matrix]],
        progress: Callable[[int, int], None],
    ) -> None:
        """Make all chunks and vectors anew beside the old, flip in one transaction, and make the indexes anew.

        Opens past a mismatch. Until the flip the old ones answer, also after a crash. progress: documents done, of all.
        Raises LibraryBusy, LibraryDamaged, InvalidRequest.
        """
        database = Database(folder / FILE_NAME)
        try:
            lease = Lease(folder / LOCK_NAME)
            with lease.hold():
                store = Store(database)
                writing.drop_other_generations(database)
                generation = store.state().generation + 1
                document_ids = list(store.document_ids())
                for done, document_id in enumerate(document_ids):
                    progress(done, len(document_ids))
                    some, matrix = rechunk(store.document(document_id))
                    writing.store_generation(database, generation, document_id, some, matrix, manifest.dimension)
                writing.flip_generation(database, generation, manifest)
                # Both are of another generation: made anew. First of all, since lexical search finds nothing meanwhile.
                cls(folder, database, lease).catch_up()
                writing.drop_other_generations(database)
                progress(len(document_ids), len(document_ids))
        finally:
            database.close()

    # --- inside

    def _living(
        self, index: VectorCache | LexicalCache, search: Callable[[int], list[list[Hit]]], k: int
    ) -> list[list[Hit]]:
        """Search until there are k that the truth still has, or no more to find: an index may lag behind removals."""
        if index.stands_at(self._store.state()):
            return search(k)
        count = k
        while True:
            rankings = search(count)
            live = self._store.live({hit.key for ranking in rankings for hit in ranking})
            kept = [[hit for hit in ranking if hit.key in live][:k] for ranking in rankings]
            pairs = zip(kept, rankings, strict=True)
            if all(len(some) == k or len(ranking) < count for some, ranking in pairs):
                return kept
            count *= 2

    def _places_of(self, document: Document) -> Places:
        with self._places_turn:
            held = self._places.pop(document.id, None)
            if held is None or held[0] is not document:
                held = (document, Places(document.blocks))
            self._places[document.id] = held
            if len(self._places) > CACHED_PLACES:
                self._places.popitem(last=False)
        return held[1]

    def _drop_orphans(self, written: Written) -> None:
        for sha256 in written.orphans:
            self._originals.drop(sha256)
