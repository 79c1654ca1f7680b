"""Which of the project's own files a step runs: its inputs, so that an edit re-runs what it touches and no more."""

from __future__ import annotations

import ast
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

PACKAGE = "reanalysis"

# Files that are read by a name in the code, not by an import.
DATA_SUFFIXES = (".j2", ".css", ".js", ".ttf")

IMPORT = re.compile(rf"^[ \t]*((?:from|import) {PACKAGE}\b[^\n(#]*(?:\([^)]*\))?)", re.MULTILINE)
SCHEMA = re.compile(r'"(\w+\.schema\.yaml)"')


@cache
def first_party(module: str) -> frozenset[Path]:
    """Return the files that a module of the project needs, itself included.

    Modules that it imports, anywhere in its code; templates, styles and fonts that stand beside one of them; the
    schemas whose file names one of them says.
    """
    found: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(_imported(name))
    files = {_file(name) for name in found}
    said = {name for file in files for name in SCHEMA.findall(file.read_text(encoding="utf-8"))}
    files |= {path for path in _file(f"{PACKAGE}.schemas").parent.glob("*.yaml") if path.name in said}
    packages = {file.parent for file in files} - {_file(PACKAGE).parent}
    files |= {path for one in packages for path in one.rglob("*") if path.suffix in DATA_SUFFIXES}
    return frozenset(files)


@cache
def _imports(file: Path) -> list[ast.stmt]:
    """Return the statements that import from the project; the rest of a file need not be parsed, which takes longer."""
    return ast.parse("\n".join(IMPORT.findall(file.read_text(encoding="utf-8")))).body


@cache
def _file(module: str) -> Path:
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(module)
    return Path(spec.origin)


@cache
def _imported(module: str) -> frozenset[str]:
    """Return the project's modules that one of them imports, and the packages they stand in."""
    parts = module.split(".")
    names = {".".join(parts[:end]) for end in range(1, len(parts))}
    for node in _imports(_file(module)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(name for name in names if name.split(".")[0] == PACKAGE and _is_module(name))


def _is_module(name: str) -> bool:
    parent, _, last = name.rpartition(".")
    if not parent:
        return True
    folder = _file(parent).parent if _is_module(parent) and _file(parent).name == "__init__.py" else None
    return folder is not None and ((folder / f"{last}.py").is_file() or (folder / last / "__init__.py").is_file())
