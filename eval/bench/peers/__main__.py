"""Measure Footnote, LlamaIndex, Haystack and txtai on the same files and questions, with the same embedding model.

    python -m eval.bench.peers [--shared ../shared] [--peers runs/peers] [--sets en,zh] [--limit N] [--only NAME ...]
                               [--write docs/peers.md]

Each paragraph of a set is a text file. Each system reads the folder and answers the questions in a process of its own,
one system after another, its libraries in a virtual environment of their own, which is made where it is absent. Every
ranking is of files, each where its best chunk stands, and is scored here by the scorer of every other run.

On the clock of an ingestion: from files to what can be searched; not: loading the model, and the first text that it
embeds. Questions are asked one at a time, after some that are not counted. peak: of the process (VmHWM), and of what it
started. The rows without a note are the system's documented defaults. One JSON object on stdout; exit 1 where a system
could not be measured.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from eval.bench.peers.compare import SETS, compare, has_failed
from eval.bench.peers.table import ITSELF, write


def main(arguments: Sequence[str]) -> int:
    options = _options(arguments)
    report = compare(
        options.sets.split(","),
        shared=options.shared,
        peers=options.peers,
        only=tuple(options.only or ()),
        limit=options.limit,
    )
    report["command"] = shlex.join(["python", "-m", "eval.bench.peers", *arguments])
    if options.write is not None:
        write(options.write, report)
    json.dump(report, sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")
    return int(has_failed(report))


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=ITSELF, description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--peers", type=Path, default=Path("runs/peers"), help="their environments; made when absent")
    parser.add_argument("--sets", default="en,zh", help=f"of {', '.join(SETS)}, or squad:FILE, with commas between")
    parser.add_argument("--limit", type=int, help="so many questions, drawn at random; all files stay")
    parser.add_argument("--only", action="append", metavar="NAME", help="systems with this in their name; repeat it")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put the tables between the marks of this page")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
