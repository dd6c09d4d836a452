"""The library's SQL database: made when absent, refused when damaged or newer."""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy import inspect, select

from rag.errors import LibraryDamaged, LibraryMismatch
from rag.library.sql import Sql
from rag.library.sql import now as now
from rag.library.tables import SCHEMA_VERSION, manifest, metadata

RESTORE_HINT = "restore a backup, or move the folder away and ingest again"


class Database(Sql):
    mend_hint = RESTORE_HINT

    def problems(self) -> list[str]:
        """What the database itself finds wrong with its pages and its references."""
        with self.reading() as connection:
            if connection.dialect.name != "sqlite":
                return []
            found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check")]
            broken = [
                f"{row[0]} row {row[1] or ''} names a {row[2]} row that is not there".replace("  ", " ")
                for row in connection.exec_driver_sql("PRAGMA foreign_key_check")
            ]
        return [f"library.db: {line}" for line in found if line != "ok"] + list(dict.fromkeys(broken))

    def prepare(self) -> None:
        with self.writing() as connection:
            names = inspect(connection).get_table_names()
            if names and "manifest" not in names:
                raise LibraryDamaged(f"{self.path} is a database, but not a library", hint=RESTORE_HINT)
            if not metadata.tables.keys() <= set(names):  # none at all, or those that came last
                metadata.create_all(connection)
            row = connection.execute(select(manifest.c.schema_version)).first()
            if row is None:
                connection.execute(
                    manifest.insert().values(
                        id=1,
                        schema_version=SCHEMA_VERSION,
                        library_id=uuid4().hex,
                        embedder="",
                        fingerprint="",
                        dimension=0,
                        chunker="",
                        reader="",
                        generation=1,
                        next_key=1,
                        created_at=now(),
                    )
                )
            elif row.schema_version != SCHEMA_VERSION:
                raise LibraryMismatch(
                    f"{self.path} has schema {row.schema_version}; this Footnote knows {SCHEMA_VERSION}",
                    hint="open it with the Footnote that wrote it, or a newer one",
                )
