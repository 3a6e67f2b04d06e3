"""The plain model's part about lots: when points leave theirs, and where points on hold come back to."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    # The model itself calls this part of it.
    from tests.books import Books

ZONE = ZoneInfo("Asia/Shanghai")


def find_wrong_lots(books: "Books") -> Iterator[str]:
    """9. Points stay in their lot until its day is over; then an expiry takes all that is left, and only then."""
    accounts = {account.id: account for account in books.accounts}
    transactions = {row.id: row for row in books.transactions}
    riders = {row.id for row in books.riders}
    legs: dict[Any, dict[int, Any]] = defaultdict(dict)
    for entry in books.entries:
        legs[entry.transaction_id, entry.leg][entry.side] = entry
    for (number, _), leg in legs.items():
        row = transactions[number]
        if row.kind not in {"hold", "release", "expire"} or set(leg) != {-1, 1}:
            continue
        source, target = accounts[leg[-1].account_id], accounts[leg[1].account_id]
        if row.kind == "expire":
            is_over = source.bucket < row.effective_at.astimezone(ZONE).date().isoformat()
            if source.owner_id not in riders or row.source_id != source.owner_id or not is_over:
                yield f"expiry {number} takes from lot {source.bucket} of {source.owner_id}"
            if leg[-1].balance_after:
                yield f"expiry {number} leaves {leg[-1].balance_after} in lot {source.bucket}"
        elif target.bucket != _lot_after(books, row, source.bucket):
            yield f"{row.kind} {number} moves points from lot {source.bucket} to {target.bucket}"


def _lot_after(books: "Books", transaction: Any, lot: str) -> str:
    """Its own lot; but points that lapsed while held get 14 days anew if the redemption was ended by the staff."""
    day: date = transaction.effective_at.astimezone(ZONE).date()
    if transaction.kind != "release" or not lot or lot >= day.isoformat():
        return lot
    [ended] = [row for row in books.redemptions if row.closing_id == transaction.id] or [None]
    if ended is None or ended.state == "lapsed" or (ended.state == "cancelled" and ended.closed_by[:6] == "rider/"):
        return lot
    return (day + timedelta(days=14)).isoformat()


def find_lapsed(books: "Books", today: date) -> list[str]:
    """Lots that have lapsed and are not empty: none, after the expiry has run."""
    return [
        f"{account.owner_id} {account.bucket}: {account.balance}"
        for account in books.accounts
        if account.purpose == "available" and account.bucket < today.isoformat() and account.balance
    ]
