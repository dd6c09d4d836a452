"""Files made to harm whoever reads them, and what becomes of each: outcome, seconds, and memory at its highest.

    python -m tests.faults.planted

Each is ingested by a `footnote ingest` of its own, the memory of which is summed over all its processes (PSS) every
few milliseconds. Exits 1 where one has no row of its own, or takes more than SECONDS or MEBIBYTES.
"""

from __future__ import annotations

import io
import json
import os
import struct
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from eval.bench.family import peak_bytes

SECONDS, MEBIBYTES = 5.0, 500
GIBIBYTE = 2**30
ZEROS = bytes(2**24)
LAUGHS = "<!DOCTYPE l [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {chr(98 + level)} '{f'&{chr(97 + level)};' * 10}'>" for level in range(9)
)
XXE = "<!DOCTYPE l [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"

Plant = Callable[[Path], None]


def deflated(size: int, wrapper_bits: int = 15) -> bytes:
    packer = zlib.compressobj(1, zlib.DEFLATED, wrapper_bits)
    return b"".join(packer.compress(ZEROS) for _ in range(size // len(ZEROS))) + packer.flush()


def zip_of(path: Path, files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in files.items():
            archive.writestr(name, content)


def zip_bomb(folder: Path) -> None:
    with (
        zipfile.ZipFile(folder / "bomb.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("zeros.txt", "w", force_zip64=True) as member,
    ):
        for _ in range(2 * GIBIBYTE // len(ZEROS)):
            member.write(ZEROS)


def nested_zips(folder: Path) -> None:
    content = b"x" * 1000
    for level in range(6):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for copy in range(4):
                archive.writestr(f"{level}-{copy}.zip" if level else f"{copy}.txt", content)
        content = buffer.getvalue()
    (folder / "nested.zip").write_bytes(content)


def gzip_bomb(folder: Path) -> None:
    (folder / "bomb.txt.gz").write_bytes(deflated(2 * GIBIBYTE, 31))


def climbing_tar(folder: Path) -> None:
    with tarfile.open(folder / "climbing.tar", "w") as archive:
        for name, kind, link in (("../../up.txt", b"0", ""), ("out", b"2", "/etc/passwd"), ("null", b"3", "")):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, link
            member.size = 5 if kind == b"0" else 0
            archive.addfile(member, io.BytesIO(b"hello") if member.size else None)


def docx_bomb(folder: Path) -> None:
    start = b"<?xml version='1.0'?><w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'>"
    path = folder / "bomb.docx"
    zip_of(path, {"[Content_Types].xml": b"<Types/>", "_rels/.rels": b"<Relationships/>"})
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("word/document.xml", "w") as member,
    ):
        member.write(start)
        for _ in range(GIBIBYTE // len(ZEROS)):
            member.write(b" " * len(ZEROS))


def pdf(*objects: bytes) -> bytes:
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(out + b"trailer <</Size %d /Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start))


def page_with(content: bytes, *more: bytes, resources: bytes = b"") -> bytes:
    page = b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources <<%s>>>>" % resources
    return pdf(b"<</Type /Catalog /Pages 2 0 R>>", b"<</Type /Pages /Kids [3 0 R] /Count 1>>", page, content, *more)


def stream(data: bytes, entries: bytes) -> bytes:
    return b"<<%s /Length %d>>\nstream\n%s\nendstream" % (entries, len(data), data)


def pdf_stream_bomb(folder: Path) -> None:
    data = deflated(2 * GIBIBYTE)
    (folder / "stream.pdf").write_bytes(page_with(stream(data, b"/Filter /FlateDecode")))


def pdf_double_bomb(folder: Path) -> None:
    data = zlib.compress(deflated(2 * GIBIBYTE))
    (folder / "double.pdf").write_bytes(page_with(stream(data, b"/Filter [/FlateDecode /FlateDecode]")))


def pdf_picture_bomb(folder: Path) -> None:
    picture = stream(
        deflated(2 * GIBIBYTE),
        b"/Type /XObject /Subtype /Image /Width 60000 /Height 60000 /ColorSpace /DeviceRGB /BitsPerComponent 8"
        b" /Filter /FlateDecode",
    )
    draw = stream(b"q 612 0 0 792 0 0 cm /I Do Q", b"")
    (folder / "picture.pdf").write_bytes(page_with(draw, picture, resources=b"/XObject <</I 5 0 R>>"))


def pdf_loop(folder: Path) -> None:
    kids = b"<</Type /Pages /Kids [2 0 R 2 0 R] /Count 1000000 /Parent 2 0 R>>"
    (folder / "loop.pdf").write_bytes(pdf(b"<</Type /Catalog /Pages 2 0 R>>", kids))


def png_bomb(folder: Path) -> None:
    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    pixels = part(b"IDAT", deflated(GIBIBYTE))
    (folder / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + part(b"IHDR", header) + pixels + part(b"IEND", b""))


def text_of(name: str, content: str) -> Plant:
    def plant(folder: Path) -> None:
        (folder / name).write_text(content, encoding="utf-8")

    return plant


def docx_laughs(folder: Path) -> None:
    body = f"<?xml version='1.0'?>{LAUGHS}]><w:document xmlns:w='urn:w'><w:body>&j;</w:body></w:document>"
    parts = {"[Content_Types].xml": b"<Types/>", "_rels/.rels": b"<Relationships/>", "word/document.xml": body.encode()}
    zip_of(folder / "laughs.docx", parts)


def link_out(folder: Path) -> None:
    (folder / "out.txt").symlink_to("/etc/passwd")


def sparse(folder: Path) -> None:
    with (folder / "sparse.bin").open("wb") as file:
        file.truncate(4 * GIBIBYTE)


def empty(folder: Path) -> None:
    (folder / "empty.txt").touch()


def odd_names(folder: Path) -> None:
    (folder / "two\nlines.txt").write_text("Soup is served on Fridays.")
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff\xfe.txt")).write_text("Noodles are served on Mondays.")


PLANTS: dict[str, Plant] = {
    "zip bomb": zip_bomb,
    "zips within zips": nested_zips,
    "gzip bomb": gzip_bomb,
    "tar that climbs out": climbing_tar,
    "DOCX bomb": docx_bomb,
    "PDF stream bomb": pdf_stream_bomb,
    "PDF bomb within a bomb": pdf_double_bomb,
    "PDF picture bomb": pdf_picture_bomb,
    "PDF page loop": pdf_loop,
    "PNG bomb": png_bomb,
    "XXE": text_of("xxe.xml", f"<?xml version='1.0'?>{XXE}<l>&x;</l>"),
    "XXE in SVG": text_of(
        "xxe.svg", f"<?xml version='1.0'?>{XXE}<svg xmlns='http://www.w3.org/2000/svg'><text>&x;</text></svg>"
    ),
    "billion laughs": text_of("laughs.xml", f"<?xml version='1.0'?>{LAUGHS}]><l>&j;</l>"),
    "billion laughs in DOCX": docx_laughs,
    "deep JSON": text_of("deep.json", "[" * 200_000 + "]" * 200_000),
    "deep HTML": text_of("deep.html", "<html><body>" + "<div>" * 200_000 + "deep"),
    "link out of the root": link_out,
    "0 bytes": empty,
    "4 GiB sparse": sparse,
    "odd names": odd_names,
}


@dataclass(frozen=True, slots=True)
class Came:
    """What came of one planted folder. peak is MiB of all processes together."""

    name: str
    rows: tuple[tuple[str, str, str], ...]
    seconds: float
    peak: float

    @property
    def is_well(self) -> bool:
        return bool(self.rows) and self.seconds <= SECONDS and self.peak <= MEBIBYTES


def ingest(folder: Path, data: Path, name: str) -> Came:
    command = [sys.executable, "-m", "footnote", "ingest", str(folder), "--json", "--data", str(data)]
    begun = time.monotonic()
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as running,
        peak_bytes(running.pid, every_seconds=0.005) as peak,
    ):
        out, _ = running.communicate()
    seconds = time.monotonic() - begun
    files = json.loads(out)["files"] if out else []
    rows = tuple((row["path"], row["outcome"], row.get("error", "")) for row in files)
    return Came(name, rows, seconds, max(peak) / 2**20)


def plant_and_ingest(names: list[str], base: Path) -> Iterator[Came]:
    for name in names:
        folder = base / "planted" / name.replace(" ", "-")
        folder.mkdir(parents=True)
        PLANTS[name](folder)
        yield ingest(folder, base / "data", name)


def main() -> int:
    bad = 0
    with tempfile.TemporaryDirectory() as base:
        for came in plant_and_ingest(list(PLANTS), Path(base)):
            bad += not came.is_well
            sys.stdout.write(
                f"{'' if came.is_well else 'BAD '}{came.name}: {came.seconds:.1f} s, {came.peak:.0f} MiB\n"
            )
            for path, outcome, error in came.rows:
                sys.stdout.write(f"    {path!a}: {outcome} {error}\n")
            sys.stdout.flush()
    return min(bad, 1)


if __name__ == "__main__":
    sys.exit(main())
