"""A database beside the truth and no part of it, in the collection's folder."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import Self

from sqlalchemy import MetaData

from rag.errors import LibraryMismatch
from rag.library.sql import Sql


class _File(Sql):
    def __init__(self, path: Path, tables: MetaData, schema: int, holds: str) -> None:
        self._tables, self._schema = tables, schema
        self.mend_hint = f"move {path.name} away: {holds} in it are lost, and nothing else"
        super().__init__(path)

    def prepare(self) -> None:
        with self.writing() as connection:
            version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
            if version not in (0, self._schema):
                raise LibraryMismatch(
                    f"{self.path} has schema {version}; this Footnote knows {self._schema}",
                    hint="open it with the Footnote that wrote it, or a newer one",
                )
            self._tables.create_all(connection)
            connection.exec_driver_sql(f"PRAGMA user_version = {self._schema}")


class Beside:
    """Made with what is first written, opened when it is first needed. Safe from many threads and processes."""

    def __init__(self, path: Path, tables: MetaData, *, schema: int, holds: str) -> None:
        """holds: what would be lost with it, for who reads that it is damaged."""
        self._path, self._tables, self._schema, self._holds = path, tables, schema, holds
        self._turn = Lock()
        self._file: _File | None = None

    def close(self) -> None:
        with self._turn:
            if self._file is not None:
                self._file.close()
                self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def collection(self) -> str:
        return self._path.parent.name

    def there(self) -> Sql | None:
        """Open the file, where there is one: to look for something makes none."""
        return self.made() if self._file is not None or self._path.is_file() else None

    def made(self) -> Sql:
        with self._turn:
            if self._file is None:
                self._file = _File(self._path, self._tables, self._schema, self._holds)
            return self._file
