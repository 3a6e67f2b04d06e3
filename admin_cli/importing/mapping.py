"""The mapping file: what each column of a foreign file means to the ledger, as one frozen, checked value.

It is TOML, so that whoever knows the file can write it without programming. A mistake in it stops the import before
anything is read or sent, and the sentence names the file, the line, the key and the remedy.
"""

import codecs
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from admin_cli.importing.document import Document, Section, parse_document

STATES = ("submitted", "verified", "rejected", "duplicate")
"""What an imported report can be. A revoked one cannot be imported: its points would have to be taken first."""

DATUMS = ("WGS-84", "GCJ-02")

SOURCE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
"""The name is half of a report's natural key and is read out over the telephone: short, plain, without spaces."""

COLUMN_ROLES = (
    "external_id",
    "rider_code",
    "type",
    "submitted_at",
    "decided_at",
    "reason",
    "address",
    "description",
    "lat",
    "lon",
    "photo_url",
)
REQUIRED_ROLES = ("external_id", "rider_code", "type", "submitted_at")

SAMPLE_TIME = datetime(2015, 12, 31, 23, 58, 59)  # noqa: DTZ001 - a wall clock
"""Every field has a value of its own, so a format that drops or swaps one does not read it back unchanged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRule:
    """If the column contains (or equals) the words, the report is in the state. No column: always. Case matters."""

    state: str
    column: str | None = None
    contains: str | None = None
    equals: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Where the reports can lie at all. It finds swapped and mistyped places that are still on the earth."""

    lat_min: float
    lat_max: float
    lon_min: float
    lon_max: float

    def holds(self, lat: float, lon: float) -> bool:
        return self.lat_min <= lat <= self.lat_max and self.lon_min <= lon <= self.lon_max


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """All that is known of a file before it is opened. `columns` goes from our word to the header's.

    `zone` None means the programme's own. `sheet` None means the first sheet of a workbook.
    """

    source: str
    encoding: str
    delimiter: str
    sheet: str | None
    columns: dict[str, str]
    time_formats: tuple[str, ...]
    zone: ZoneInfo | None
    datum: str
    bounds: Bounds | None
    categories: dict[str, str]
    outcomes: tuple[OutcomeRule, ...]

    @property
    def is_spreadsheet(self) -> bool:
        """Another system's export is taken as it stands."""
        return False

    @property
    def needed_columns(self) -> list[str]:
        """Every header name the mapping speaks of, once, in the order of the mapping."""
        rule_columns = [rule.column for rule in self.outcomes if rule.column is not None]
        return list(dict.fromkeys([*self.columns.values(), *rule_columns]))


def read_mapping(path: Path) -> Mapping:
    """The mapping in the file. Raises Failure on the first mistake, in the order of the document's sections."""
    document = parse_document(path)
    top = document.top
    top.refuse_unknown(("source", "file", "columns", "times", "place", "types", "outcomes"))
    source = top.text("source")
    if not SOURCE_NAME.fullmatch(source):
        raise top.problem(
            "source",
            f"「{source}」不能作来源名；请用 1 到 40 个小写字母、数字、- 或 _，例如 boston311。",
            f"{source!r} cannot be a source name: use 1 to 40 small letters, digits, - or _, such as boston311.",
        )

    file = document.section("file")
    file.refuse_unknown(("encoding", "delimiter", "sheet"))
    zone, formats = _read_times(document.section("times"))
    datum, bounds = _read_place(document.section("place"))
    return Mapping(
        source=source,
        encoding=_read_encoding(file),
        delimiter=_read_delimiter(file),
        sheet=file.optional_text("sheet"),
        columns=_read_columns(document.section("columns")),
        time_formats=formats,
        zone=zone,
        datum=datum,
        bounds=bounds,
        categories=_read_categories(document.section("types")),
        outcomes=_read_outcomes(document),
    )


def _read_encoding(file: Section) -> str:
    encoding = file.optional_text("encoding") or "utf-8-sig"
    try:
        codecs.lookup(encoding)
        # Names such as "base64" are codecs too, but not of text: only str.encode refuses them.
        "a".encode(encoding)
    except LookupError:
        raise file.problem(
            "encoding",
            f"没有编码「{encoding}」；常用的有 utf-8-sig、gb18030、utf-16。",
            f"there is no encoding {encoding!r}; usual ones are utf-8-sig, gb18030, utf-16.",
        ) from None
    return encoding


def _read_delimiter(file: Section) -> str:
    delimiter = file.optional_text("delimiter") or ","
    if len(delimiter) != 1 or delimiter in '"\r\n' or delimiter.isalnum():
        raise file.problem(
            "delimiter",
            f'「{delimiter}」不能作分隔符；请用一个字符，例如 ","、";" 或 "\\t"。',
            f'{delimiter!r} cannot separate columns; give one character, such as ",", ";" or "\\t".',
        )
    return delimiter


def _read_columns(section: Section) -> dict[str, str]:
    section.refuse_unknown(COLUMN_ROLES)
    columns = {}
    for role in COLUMN_ROLES:
        name = section.text(role) if role in REQUIRED_ROLES else section.optional_text(role)
        if name is not None:
            columns[role] = name.strip()
    for one, other in (("lat", "lon"), ("lon", "lat")):
        if one in columns and other not in columns:
            raise section.problem(
                one,
                f"有 {one} 就要有 {other}；请补上，或两个都去掉。",
                f"{one} needs {other} beside it: add it, or leave both out.",
            )
    return columns


def _read_times(section: Section) -> tuple[ZoneInfo | None, tuple[str, ...]]:
    section.refuse_unknown(("formats", "zone"))
    formats = section.texts("formats")
    for time_format in formats:
        if not _reads_back(time_format):
            raise section.problem(
                "formats",
                f"时间格式「{time_format}」不完整或写错；要有年、月、日（和时刻），例如 %Y-%m-%d %H:%M:%S。",
                f"the time format {time_format!r} is incomplete or wrong: it needs year, month and day (and the "
                "time of day), such as %Y-%m-%d %H:%M:%S.",
            )
    name = section.optional_text("zone")
    if name is None:
        return None, tuple(formats)
    try:
        return ZoneInfo(name), tuple(formats)
    except (KeyError, ValueError, OSError):
        raise section.problem(
            "zone",
            f"没有时区「{name}」；请用 IANA 名称，例如 Asia/Shanghai。",
            f"there is no time zone {name!r}; use an IANA name, such as Asia/Shanghai.",
        ) from None


def _reads_back(time_format: str) -> bool:
    try:
        parsed = datetime.strptime(SAMPLE_TIME.strftime(time_format), time_format)  # noqa: DTZ007 - a wall clock
    except ValueError:
        return False
    # A date alone is midnight; a twelve-hour clock without AM or PM would silently lose the afternoon.
    return parsed.replace(tzinfo=None) in (
        SAMPLE_TIME,
        SAMPLE_TIME.replace(second=0),
        SAMPLE_TIME.replace(hour=0, minute=0, second=0),
    )


def _read_place(section: Section) -> tuple[str, Bounds | None]:
    section.refuse_unknown(("datum", "lat_min", "lat_max", "lon_min", "lon_max"))
    datum = section.optional_text("datum") or DATUMS[0]
    if datum not in DATUMS:
        raise section.problem(
            "datum",
            f"没有坐标系「{datum}」；请填 WGS-84（卫星、国外）或 GCJ-02（国内地图）。",
            f"there is no datum {datum!r}; say WGS-84 (satellites, the world) or GCJ-02 (Chinese map apps).",
        )
    numbers = {key: section.optional_number(key) for key in ("lat_min", "lat_max", "lon_min", "lon_max")}
    given = {key: number for key, number in numbers.items() if number is not None}
    if not given:
        return datum, None
    bounds = Bounds(**given) if len(given) == len(numbers) else None
    if bounds is None or bounds.lat_min >= bounds.lat_max or bounds.lon_min >= bounds.lon_max:
        raise section.problem(
            next(iter(given)),
            "范围要四个数都填，且最小值小于最大值：lat_min、lat_max、lon_min、lon_max；或四个都去掉。",
            "bounds are four numbers, each minimum below its maximum: lat_min, lat_max, lon_min, lon_max; or none.",
        )
    return datum, bounds


def _read_categories(section: Section) -> dict[str, str]:
    categories = {name.strip(): section.text(name) for name in section.names}
    if not categories:
        raise section.problem(
            None,
            '还没有一种类型；请每种写一行："文件里的类型" = "FAC-01"。',
            'no type is mapped; write one line for each: "type in the file" = "FAC-01".',
        )
    return categories


def _read_outcomes(document: Document) -> tuple[OutcomeRule, ...]:
    sections = document.sections("outcomes")
    rules = [_read_outcome(section) for section in sections]
    for section, rule in zip(sections, rules, strict=True):
        is_last = section is sections[-1]
        if rule.column is None and not is_last:
            raise section.problem(
                None,
                "没有条件的规则只能放在最后，否则后面的规则永远用不到；请移到最后，或加上 column。",
                "a rule without a condition must be the last, or those after it never apply: move it, or add a column.",
            )
        if rule.column is not None and is_last:
            raise section.problem(
                None,
                "最后一条规则不能有条件，它管其余所有行；请在末尾加一条只有 state 的规则。",
                "the last rule takes all other rows and has no condition: add one at the end with a state only.",
            )
    return tuple(rules)


def _read_outcome(section: Section) -> OutcomeRule:
    section.refuse_unknown(("column", "contains", "equals", "state"))
    rule = OutcomeRule(
        state=section.text("state"),
        column=section.optional_text("column"),
        contains=section.optional_text("contains"),
        equals=section.optional_text("equals"),
    )
    if rule.state not in STATES:
        raise section.problem(
            "state",
            f"没有状态「{rule.state}」；可用的有：{'、'.join(STATES)}。",
            f"there is no state {rule.state!r}; known: {', '.join(STATES)}.",
        )
    tests = sum(test is not None for test in (rule.contains, rule.equals))
    if tests != (0 if rule.column is None else 1):
        raise section.problem(
            "column",
            "条件是 column 加上 contains 或 equals 之一；没有条件就三个都不写。",
            "a condition is a column with either contains or equals; leave all three out for none.",
        )
    return rule
