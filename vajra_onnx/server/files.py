"""What the files of a version look like from outside: equal at two looks, nobody is writing them."""

from __future__ import annotations

from pathlib import Path

from ..runtime.golden import folder_of
from ..runtime.repository import FILE

# Path, size and time of change (ns) of every file.
Signature = frozenset[tuple[str, int, int]]


def signature(model: Path) -> Signature:
    """Of everything in the version's folder, or of a file that stands alone and its golden vectors."""
    files = model.parent.rglob("*") if model.name == FILE else [model, *folder_of(model).glob("*")]
    found = set()
    for file in files:
        try:
            status = file.stat()
        except OSError:  # it vanished between the listing and the look
            continue
        found.add((str(file), status.st_size, status.st_mtime_ns))
    return frozenset(found)
