"""What every format is given: the days, and the accounts and transactions to walk, as often as it likes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from ledger.queries.journal_export import ExportedAccount, ExportedTransaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """The part of the books that took effect on the local days from `first_day` to `last_day`.

    `is_continued`: it begins in the middle, with balances carried forward. Each call of `accounts` and `transactions`
    reads anew, because a district's accounts are too many to be kept.
    """

    programme_id: int
    programme: str
    zone: ZoneInfo
    first_day: date
    last_day: date
    is_continued: bool
    accounts: Callable[[], Iterable[ExportedAccount]]
    transactions: Callable[[], Iterable[ExportedTransaction]]

    def title(self) -> str:
        return f"{self.programme} ({self.programme_id}) {self.first_day} – {self.last_day} {self.zone.key}"
