"""Cells of a workbook that hold no value: errors such as #N/A, and formulas that were never computed.

The reader of workbooks gives both as empty, and an empty cell is a statement of its own. So the sheet's XML is gone
through once more for them; a file without any costs one look at its bytes.
"""

import re
import zipfile
from collections.abc import Iterator
from typing import IO
from xml.etree import ElementTree

SPREADSHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATIONSHIP = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
PACKAGE = "{http://schemas.openxmlformats.org/package/2006/relationships}"

SUSPECT = re.compile(rb"""t=["']e["']|<(\w+:)?f[\s/>]""")
CHUNK_BYTES = 1_000_000
OVERLAP_BYTES = 16
"""Longer than what SUSPECT can match, so that nothing hides between two chunks."""

PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")

Place = tuple[int, int]
"""Row and column, both from 1."""


def find_cell_faults(archive: zipfile.ZipFile, sheet_name: str) -> dict[Place, str]:
    """What such a cell says: the error (`#N/A`), or the formula with its = in front."""
    path = _find_part(archive, sheet_name)
    if path is None:
        return {}
    with archive.open(path) as sheet:
        if not _is_suspect(sheet):
            return {}
    with archive.open(path) as sheet:
        return dict(_read_faults(sheet))


def _find_part(archive: zipfile.ZipFile, sheet_name: str) -> str | None:
    """The part of the package that holds the sheet. None when the package does not say, in the usual way."""
    try:
        workbook = ElementTree.fromstring(archive.read("xl/workbook.xml"))
        relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    except (KeyError, ElementTree.ParseError):
        return None
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations.iter(f"{PACKAGE}Relationship")}
    for sheet in workbook.iter(f"{SPREADSHEET}sheet"):
        if sheet.get("name") == sheet_name:
            target = targets.get(sheet.get(f"{RELATIONSHIP}id"), "")
            path = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
            return path if path in archive.namelist() else None
    return None


def _is_suspect(sheet: IO[bytes]) -> bool:
    end = b""
    while chunk := sheet.read(CHUNK_BYTES):
        window = end + chunk
        if SUSPECT.search(window):
            return True
        end = window[-OVERLAP_BYTES:]
    return False


def _read_faults(sheet: IO[bytes]) -> Iterator[tuple[Place, str]]:
    try:
        for _, element in ElementTree.iterparse(sheet):
            if element.tag == f"{SPREADSHEET}c":
                place, fault = PLACE.fullmatch(element.get("r", "")), _fault_of(element)
                if place and fault:
                    yield (int(place[2]), _column_number(place[1])), fault
            elif element.tag == f"{SPREADSHEET}row":
                element.clear()
    except ElementTree.ParseError:
        # What is wrong with the sheet as a whole is the reader's to say.
        return


def _fault_of(cell: ElementTree.Element) -> str | None:
    value = cell.findtext(f"{SPREADSHEET}v")
    if cell.get("t") == "e":
        return value or "#N/A"
    formula = cell.find(f"{SPREADSHEET}f")
    is_computed = bool(value) or cell.get("t") == "str"  # a text may be empty
    return None if formula is None or is_computed else f"={formula.text or ''}"


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
