"""Name the benchmarks that are programs, by the first line of their docstrings. Imports none of them."""

from __future__ import annotations

import ast
from pathlib import Path

HERE = Path(__file__).parent


def programs() -> dict[str, str]:
    """Return the modules below this folder whose docstring says `python -m` them, and what they say they do."""
    found = {}
    for path in sorted(HERE.rglob("*.py")):
        parts = path.relative_to(HERE.parents[1]).with_suffix("").parts
        name = ".".join(part for part in parts if part not in ("__main__", "__init__"))
        said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        if f"python -m {name}" in said:
            found[name] = said.partition("\n")[0]
    return found
