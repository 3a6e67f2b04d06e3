"""A voucher as a QR code: drawn in the terminal, or written to a file to print.

Half a character cell is one square, so that nine characters take 29 columns and 15 lines, quiet zone included. Dark is
black and light is white whatever the terminal's own colours are: many scanners do not read the negative.
"""

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from admin_cli.failures import usage_failure
from admin_cli.language import t
from admin_cli.printing.text import width_of
from admin_cli.terminal import stop_unless_confirmed

if TYPE_CHECKING:
    from segno import QRCode

ERROR_CORRECTION = "m"
"""A scratch on the screen does no harm. The same as the service's own drawing."""

QUIET_ZONE = 4
"""Light squares around the code. Source: ISO/IEC 18004."""

SVG_SCALE = 8
BLACK_ON_WHITE = "\033[38;5;16;48;5;231m"
"""From the fixed part of the 256 colours: the first sixteen belong to the person's theme."""
AS_BEFORE = "\033[0m"

CELLS = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}
"""By whether the upper and the lower square are dark."""


def print_voucher(voucher: str) -> None:
    """The code as a QR, if this terminal can show one, and below it the code as people read it out."""
    lines = qr_lines(voucher)
    width = width_of(lines[0])
    if _can_show(width):
        print()
        for line in lines:
            print(f"{BLACK_ON_WHITE}{line}{AS_BEFORE}")
        print(voucher.center(width).rstrip())
    else:
        print(voucher)


def qr_lines(voucher: str) -> list[str]:
    """Two rows of squares a line."""
    rows = [[bool(square) for square in row] for row in _make(voucher).matrix_iter(border=QUIET_ZONE)]
    rows += [[False] * len(rows[0])] * (len(rows) % 2)
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return ["".join(CELLS[squares] for squares in zip(*pair, strict=True)) for pair in pairs]


def write_svg(voucher: str, file: Path, *, yes: bool) -> None:
    """Writes the code as a picture. Asks before it replaces a file."""
    if file.exists() and not yes:
        stop_unless_confirmed(t(f"文件 {file} 已存在，覆盖它？", f"{file} exists. Replace it?"))
    try:
        with file.open("wb") as out:
            _make(voucher).save(out, kind="svg", scale=SVG_SCALE, dark="#000", light="#fff", title=voucher)
    except OSError as error:
        raise usage_failure(
            t(
                f"写不了文件 {file}（{error.strerror}）；请换一个地方。",
                f"{file} cannot be written ({error.strerror}). Name another place.",
            )
        ) from None


def _make(voucher: str) -> "QRCode":
    import segno  # only here: most commands draw nothing

    return segno.make_qr(voucher.replace("-", ""), error=ERROR_CORRECTION)


def _can_show(width: int) -> bool:
    """Wide enough, with these characters, and able to take colours."""
    try:
        "".join(CELLS.values()).encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return os.environ.get("TERM", "") not in ("", "dumb") and width <= shutil.get_terminal_size().columns
