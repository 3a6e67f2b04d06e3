"""What the import of a table did, counted while it runs: as JSON for programs and as lines for people."""

from collections import Counter
from dataclasses import dataclass, field

from admin_cli.failures import Failure
from admin_cli.importing.problems import RowProblem
from admin_cli.language import t


@dataclass(kw_only=True)
class SheetSummary:
    """Counts of rows. `unchanged`: it is as the row says already, or this very file said so before.

    `is_once`: the same file does nothing twice, which a dry run cannot see. `refused_before`: of the refused rows those
    whose answer is that of an earlier run. `points` stands where the rows cost some.
    """

    file: str
    is_dry_run: bool
    is_once: bool = False
    rows_read: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    refused_before: int = 0
    points: int | None = None
    ignored_columns: list[str] = field(default_factory=list)
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

    def as_json(self) -> dict[str, object]:
        counts: dict[str, object] = {
            "file": self.file,
            "dry_run": self.is_dry_run,
            "complete": self.is_complete,
            "rows_read": self.rows_read,
            "created": self.created,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "refused": self.bad,
            "refused_before": self.refused_before,
            "refused_by_reason": dict(self.reasons.most_common()),
            "bad_rows_file": self.bad_rows_file,
            "ignored_columns": self.ignored_columns,
            "seconds": round(self.seconds, 3),
        }
        return counts if self.points is None else {**counts, "points": self.points}

    def facts(self) -> list[tuple[str, str]]:
        """Label and value, in reading order."""
        will = self.is_dry_run
        counts = [
            (t("读入行数", "rows read"), self.rows_read),
            (t("将新增", "would be created") if will else t("新增", "created"), self.created),
            (t("将更改", "would be changed") if will else t("更改", "changed"), self.changed),
            (t("没有变化", "unchanged"), self.unchanged),
            (t("将被拒", "would be refused") if will else t("被拒", "refused"), self.bad),
            *((f"  {code}", count) for code, count in self.reasons.most_common()),
        ]
        if self.points is not None:
            counts.append((t("将用积分", "points needed") if will else t("所用积分", "points used"), self.points))
        time_taken = (t("用时", "time"), t(f"{self.seconds:.1f} 秒", f"{self.seconds:.1f} s"))
        return [*((label, f"{count:,}") for label, count in counts), time_taken]
