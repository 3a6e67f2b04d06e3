"""What an import did, counted while it runs: as JSON for programs and as lines for people."""

from collections import Counter
from dataclasses import dataclass, field

from admin_cli.failures import Failure
from admin_cli.importing.problems import RowProblem
from admin_cli.language import t
from admin_cli.printing.words import REPORT_STATES

WARNINGS = {
    "closed_before_opened": (
        "{count:,} 行的处理时间早于上报时间，按原样入账",
        "{count:,} rows were closed before they were opened, and are booked as they stand",
    ),
    "photos_without_address": (
        "{count:,} 行说有照片但没有网址，没有照片入账",
        "{count:,} rows speak of a photo without its http(s) address, and are booked without one",
    ),
    "texts_cut": (
        "{count:,} 处文字超过 500 个字符，截断并以 … 结尾",
        "{count:,} texts had more than 500 characters, and are cut with an ellipsis",
    ),
    "overfull_riders": (
        "{count:,} 名骑手一个月的行超过一批，预演不知道前一批，其积分是上限",
        "{count:,} riders have more rows in a month than a preview holds: their points are an upper bound",
    ),
}
"""What was accepted but should be known. Code → the sentence in Chinese and in English."""


@dataclass(kw_only=True)
class ImportSummary:
    """Counts of rows, unless the name says points or riders. `problems` has those of the form and the server's own."""

    file: str
    source: str
    is_dry_run: bool
    rows_read: int = 0
    booked: int = 0
    unchanged: int = 0
    points_wanted: int = 0
    points_granted: int = 0
    riders_enrolled: int = 0
    states: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    problems: dict[int, list[RowProblem]] = field(default_factory=dict)
    bad_rows_file: str | None = None
    is_complete: bool = False
    is_interrupted: bool = False
    failure: Failure | None = None
    seconds: float = 0.0

    @property
    def bad(self) -> int:
        return len(self.problems)

    @property
    def reasons(self) -> Counter[str]:
        """Each bad row once, under its first reason."""
        return Counter(problems[0].code for problems in self.problems.values())

    @property
    def rows_per_second(self) -> int:
        """Of the rows that were dealt with: an import that stopped half-way was not faster for it."""
        return round((self.booked + self.unchanged + self.bad) / self.seconds) if self.seconds else 0

    def as_json(self) -> dict[str, object]:
        return {
            "file": self.file,
            "source": self.source,
            "dry_run": self.is_dry_run,
            "complete": self.is_complete,
            "rows_read": self.rows_read,
            "booked": self.booked,
            "unchanged": self.unchanged,
            "bad": self.bad,
            "bad_by_reason": dict(self.reasons.most_common()),
            "bad_rows_file": self.bad_rows_file,
            "by_state": {state: self.states[state] for state in REPORT_STATES if state in self.states},
            "riders_enrolled": self.riders_enrolled,
            "points_wanted": self.points_wanted,
            "points_granted": self.points_granted,
            "warnings": {code: count for code, count in sorted(self.warnings.items()) if count},
            "seconds": round(self.seconds, 3),
            "rows_per_second": self.rows_per_second,
        }

    def facts(self) -> list[tuple[str, str]]:
        """Label and value, in reading order."""
        will = self.is_dry_run
        seconds, rate = f"{self.seconds:.1f}", f"{self.rows_per_second:,}"
        states = [(f"  {REPORT_STATES[state]}", self.states[state]) for state in REPORT_STATES if state in self.states]
        counts = [
            (t("读入行数", "rows read"), self.rows_read),
            (t("将入账", "would be booked") if will else t("已入账", "booked"), self.booked),
            (t("没有变化（以前已入账）", "unchanged (booked before)"), self.unchanged),
            *states,
            (t("坏行", "bad rows"), self.bad),
            *((f"  {code}", count) for code, count in self.reasons.most_common()),
            (
                t("将登记骑手", "riders to be enrolled") if will else t("新登记骑手", "riders enrolled"),
                self.riders_enrolled,
            ),
            (t("应得积分", "points wanted"), self.points_wanted),
            (t("实得积分（封顶后）", "points granted (after caps)"), self.points_granted),
        ]
        time_taken = (t("用时", "time"), t(f"{seconds} 秒，每秒 {rate} 行", f"{seconds} s, {rate} rows/s"))
        return [*((label, f"{count:,}") for label, count in counts), time_taken]

    def warning_lines(self) -> list[str]:
        return [t(*WARNINGS[code]).format(count=count) for code, count in sorted(self.warnings.items()) if count]
