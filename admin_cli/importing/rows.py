"""A row of the foreign file → an item of `POST /v1/imports`, or the reasons why not: all of them, not only the first.

Only the form is judged here. Whether a rider may be credited, and how much, is the server's to say.
"""

import re
from collections import Counter
from datetime import datetime

import msgspec

from admin_cli.importing.csv_file import SourceRow
from admin_cli.importing.mapping import Mapping
from admin_cli.importing.problems import RowProblem, row_problem, shown
from admin_cli.importing.times import TimeReader, WrongTime

TEXT_LENGTH_MAX = 500
"""What the ledger keeps of a reason, an address, a description. Longer ones are cut with an ellipsis, and counted."""

EXTERNAL_ID_LENGTH_MAX = 80
"""What the ledger keeps of another system's id. Never cut: two ids could become one."""

PHOTO_URL = re.compile(r"https?://[^\s]{1,490}")
"""A photo is an address that can be opened; a word such as "photo" only says that there was one."""

RIDER_CODE_LENGTH_MAX = 16
"""A longer reporter is no rider's code but a name or another column. The rest of the form is the server's to judge."""

DEGREES = re.compile(r"[+-]?[0-9]{1,3}(\.[0-9]*)?")

ROUNDED_NUMBER = re.compile(r"[0-9](\.[0-9]+)?[eE]\+?[0-9]+")
"""How spreadsheets write a number too long for them; its last digits are lost, and many ids become the same."""

DECIDED_STATES = ("verified", "rejected", "duplicate")


class ImportItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One report in the form of the contract. Times are instants in UTC, so items compare by them."""

    external_id: str
    rider_code: str
    category_code: str
    state: str
    submitted_at: datetime
    decided_at: datetime | None = None
    reason: str = ""
    lat: float | None = None
    lon: float | None = None
    datum: str | None = None
    address: str = ""
    description: str = ""
    photo_url: str | None = None


class RowReader:
    """Reads rows under one header. Remembers the ids it has seen, and in `warnings` what was accepted but is odd."""

    def __init__(self, mapping: Mapping, header: list[str], times: TimeReader, *, now: datetime) -> None:
        self._mapping = mapping
        self._times = times
        self._now = now
        self._positions = {role: header.index(name) for role, name in mapping.columns.items()}
        self._outcomes = [(rule, header.index(rule.column) if rule.column else None) for rule in mapping.outcomes]
        self._line_of_id: dict[str, int] = {}
        self.warnings: Counter[str] = Counter()

    def read(self, row: SourceRow) -> ImportItem | list[RowProblem]:
        problems = list(row.problems)
        if not row.is_aligned:
            return problems
        cells = row.cells
        external_id = self._read_id(self._cell(cells, "external_id"), row.line, problems)
        rider_code = self._read_rider(self._cell(cells, "rider_code"), problems)
        category_code = self._read_category(self._cell(cells, "type"), problems)
        state = self._find_state(cells)
        submitted_at = self._read_time(cells, "submitted_at", problems)
        decided_at = self._read_time(cells, "decided_at", problems) if state in DECIDED_STATES else None
        place = self._read_place(cells, problems)
        if problems or submitted_at is None:
            return problems

        lat, lon = place or (None, None)
        if decided_at is not None and decided_at < submitted_at:
            self.warnings["closed_before_opened"] += 1
        return ImportItem(
            external_id=external_id,
            rider_code=rider_code,
            category_code=category_code,
            state=state,
            submitted_at=submitted_at,
            decided_at=decided_at,
            reason=self._read_text(cells, "reason"),
            lat=lat,
            lon=lon,
            datum=self._mapping.datum if place else None,
            address=self._read_text(cells, "address"),
            description=self._read_text(cells, "description"),
            photo_url=self._read_photo(cells),
        )

    def _cell(self, cells: list[str], role: str) -> str:
        position = self._positions.get(role)
        return "" if position is None else cells[position].strip()

    def _missing(self, code: str, role: str) -> RowProblem:
        column = self._mapping.columns[role]
        return row_problem(code, f"{column} 是空的；请补上。", f"{column} is empty; fill it in.")

    def _read_id(self, external_id: str, line: int, problems: list[RowProblem]) -> str:
        """An id counts as seen even in a row that is bad for other reasons: corrected, it would be there twice."""
        column = self._mapping.columns["external_id"]
        if not external_id:
            problems.append(self._missing("missing_id", "external_id"))
            return external_id
        if len(external_id) > EXTERNAL_ID_LENGTH_MAX:
            problems.append(
                row_problem(
                    "id_too_long",
                    f"{column} 有 {len(external_id):,} 个字符，最多 {EXTERNAL_ID_LENGTH_MAX}；请检查列是否对应。",
                    f"{column} has {len(external_id):,} characters, {EXTERNAL_ID_LENGTH_MAX} at most; is this the "
                    "right column?",
                )
            )
        if ROUNDED_NUMBER.fullmatch(external_id):
            problems.append(
                row_problem(
                    "rounded_id",
                    f"{column} 的「{external_id}」被电子表格改成了科学计数，末几位已丢失；请把该列设为文本后重新导出。",
                    f"{column}: {external_id!r} was rounded by a spreadsheet and lost digits; export it again as text.",
                )
            )
        first_line = self._line_of_id.setdefault(external_id, line)
        if first_line != line:
            problems.append(
                row_problem(
                    "duplicate_id",
                    f"{column} 的「{shown(external_id)}」在第 {first_line} 行已出现；请只留一行。",
                    f"{column}: {shown(external_id)!r} is in line {first_line} already; keep one of the two.",
                )
            )
        return external_id

    def _read_rider(self, rider_code: str, problems: list[RowProblem]) -> str:
        column = self._mapping.columns["rider_code"]
        if not rider_code:
            problems.append(self._missing("missing_reporter", "rider_code"))
        elif len(rider_code) > RIDER_CODE_LENGTH_MAX:
            problems.append(
                row_problem(
                    "reporter_too_long",
                    f"{column} 的「{shown(rider_code)}」超过 {RIDER_CODE_LENGTH_MAX} 个字符；请填 R00001 这样的编号。",
                    f"{column}: {shown(rider_code)!r} has more than {RIDER_CODE_LENGTH_MAX} characters; give "
                    "a code such as R00001.",
                )
            )
        return rider_code

    def _read_category(self, name: str, problems: list[RowProblem]) -> str:
        category = self._mapping.categories.get(name)
        if category is not None:
            return category
        column = self._mapping.columns["type"]
        problems.append(
            row_problem(
                "unknown_type",
                f"{column} 的「{shown(name)}」在对应表 [types] 里没有；请补一行，或改正类型。",
                f"{column}: {shown(name)!r} is not in [types] of the mapping; add it there, or correct the type.",
            )
            if name
            else self._missing("unknown_type", "type")
        )
        return ""

    def _find_state(self, cells: list[str]) -> str:
        """The first rule that applies; the mapping makes sure that the last one always does."""
        for rule, position in self._outcomes:
            if position is None:
                return rule.state
            cell = cells[position]
            if rule.contains in cell if rule.contains is not None else rule.equals == cell.strip():
                return rule.state
        raise AssertionError("the last outcome rule has no condition")

    def _read_time(self, cells: list[str], role: str, problems: list[RowProblem]) -> datetime | None:
        text = self._cell(cells, role)
        if not text:
            problems.append(self._missing_time(role))
            return None
        column = self._mapping.columns[role]
        try:
            moment = self._times.read(text, column)
        except WrongTime as wrong:
            problems.append(wrong.problem)
            return None
        if moment > self._now:
            problems.append(
                row_problem(
                    "time_in_future",
                    f"{column} 的「{shown(text)}」还没有到；请检查日期和时区。",
                    f"{column}: {shown(text)!r} has not come yet; check the date and the time zone.",
                )
            )
        return moment

    def _missing_time(self, role: str) -> RowProblem:
        if role == "submitted_at":
            return self._missing("missing_opening_time", role)
        column = self._mapping.columns.get(role, role)
        return row_problem(
            "missing_closing_time",
            f"{column} 是空的，而这条上报已有结果；请补上处理时间，或改正状态。",
            f"{column} is empty though the report was decided; fill it in, or correct the status.",
        )

    def _read_place(self, cells: list[str], problems: list[RowProblem]) -> tuple[float, float] | None:
        texts = self._cell(cells, "lat"), self._cell(cells, "lon")
        if texts == ("", ""):
            return None
        if not all(map(DEGREES.fullmatch, texts)):
            problems.append(
                row_problem(
                    "wrong_place",
                    f"纬度「{shown(texts[0])}」、经度「{shown(texts[1])}」不都是小数形式的度数；"
                    "请改成 29.8012 这样，或两格都留空。",
                    f"latitude {shown(texts[0])!r} and longitude {shown(texts[1])!r} are not both decimal degrees such "
                    "as 29.8012; correct them, or leave both empty.",
                )
            )
            return None
        lat, lon = float(texts[0]), float(texts[1])
        if self._is_possible(lat, lon):
            return lat, lon
        is_swapped = self._is_possible(lon, lat)
        problems.append(
            row_problem(
                "place_swapped" if is_swapped else "place_out_of_range",
                f"纬度 {lat}、经度 {lon} "
                + ("写反了；请对调。" if is_swapped else "不在可能的范围内；请改正，或两格都留空。"),
                f"latitude {lat} and longitude {lon} are "
                + ("swapped; exchange them." if is_swapped else "out of range; correct them, or leave both empty."),
            )
        )
        return None

    def _is_possible(self, lat: float, lon: float) -> bool:
        bounds = self._mapping.bounds
        return abs(lat) <= 90 and abs(lon) <= 180 and (bounds is None or bounds.holds(lat, lon))

    def _read_text(self, cells: list[str], role: str) -> str:
        text = self._cell(cells, role)
        if len(text) <= TEXT_LENGTH_MAX:
            return text
        self.warnings["texts_cut"] += 1
        return text[: TEXT_LENGTH_MAX - 1] + "…"

    def _read_photo(self, cells: list[str]) -> str | None:
        text = self._cell(cells, "photo_url")
        if not text or PHOTO_URL.fullmatch(text):
            return text or None
        self.warnings["photos_without_address"] += 1
        return None
