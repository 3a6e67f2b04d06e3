"""A file that appears whole or not at all: who opens it never sees half of it, and an error leaves the old one."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Written under another name beside it, and renamed when the block is left without an error.

    Who may read it is what the person's own settings say of new files.
    """
    target = path.resolve()  # a link stays a link
    temporary = target.with_name(f".{target.name[:80]}.{uuid4().hex[:8]}.part")
    try:
        with temporary.open("xb") as file:
            yield file
        temporary.replace(target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
