"""Redemptions and their approvals: locking and writing. Reading for people is in `ledger/queries/redemptions.py`."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select

from ledger.domain.redemptions import (
    COUNTED_STATES,
    Approval,
    Redemption,
    RedemptionState,
    read_redemption_code,
)
from ledger.storage.bulk import is_in
from ledger.storage.lookups import Lookup
from ledger.storage.reports import parse_id
from ledger.storage.tables import operators, redemption_approvals, redemptions, station_keepers
from ledger.storage.unit_of_work import UnitOfWork

REDEMPTION_COLUMNS = [column for column in redemptions.c if column.name != "programme_id"]
REDEMPTIONS_BY_ID = Lookup(select(*REDEMPTION_COLUMNS), by=[redemptions.c.id], locked_in_order_of=[redemptions.c.id])
REDEMPTIONS_BY_CODE = Lookup(
    select(*REDEMPTION_COLUMNS), by=[redemptions.c.code], locked_in_order_of=[redemptions.c.id]
)
REDEMPTIONS_BY_VOUCHER = Lookup(
    select(*REDEMPTION_COLUMNS), by=[redemptions.c.voucher_code], locked_in_order_of=[redemptions.c.id]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A redemption that counts towards its rider's limit on the item."""

    rider_id: UUID
    item_id: UUID
    requested_at: datetime


def lock_redemptions(uow: UnitOfWork, names: Collection[str]) -> dict[str, Redemption]:
    """The redemptions by the names they were asked for (UUID or code), locked in the order of their ids."""
    by_code = {name: code for name in names if (code := read_redemption_code(name)) is not None}
    by_id = {name: parsed for name in names if (parsed := parse_id(name)) is not None}
    found: list[Redemption] = []
    if by_id:
        found += _with_approvals(uow, REDEMPTIONS_BY_ID.rows(uow, set(by_id.values())))
    if by_code:
        found += _with_approvals(uow, REDEMPTIONS_BY_CODE.rows(uow, set(by_code.values())))
    with_id = {redemption.id: redemption for redemption in found}
    with_code = {redemption.code: redemption for redemption in found}
    answer = {name: with_code[code] for name, code in by_code.items() if code in with_code}
    answer.update((name, with_id[parsed]) for name, parsed in by_id.items() if parsed in with_id)
    return answer


def lock_vouchers(uow: UnitOfWork, voucher_codes: Collection[str]) -> dict[str, Redemption]:
    """Voucher code → its redemption."""
    rows = REDEMPTIONS_BY_VOUCHER.rows(uow, set(voucher_codes))
    return {found.voucher_code: found for found in _with_approvals(uow, rows) if found.voucher_code}


def lock_overdue(uow: UnitOfWork, today: date, limit: int) -> list[Redemption]:
    """Up to `limit` vouchers that nobody picked up in time, those that were ready first."""
    ids = uow.connection.scalars(
        select(redemptions.c.id)
        .where(redemptions.c.programme_id == uow.programme_id)
        .where(redemptions.c.state == RedemptionState.READY.value)
        .where(redemptions.c.pick_up_by < today)
        .order_by(redemptions.c.requested_at, redemptions.c.id)
        .limit(limit)
    ).all()
    return _with_approvals(uow, REDEMPTIONS_BY_ID.rows(uow, ids))


def read_counted(uow: UnitOfWork, rider_ids: Collection[UUID], item_ids: Collection[UUID]) -> list[Counted]:
    """What counts towards the riders' limits on the items, however long ago. Read under the locks on the riders."""
    rows = uow.connection.execute(
        select(redemptions.c.rider_id, redemptions.c.item_id, redemptions.c.requested_at)
        .where(redemptions.c.programme_id == uow.programme_id)
        .where(is_in(uow.connection, redemptions.c.rider_id, set(rider_ids)))
        .where(is_in(uow.connection, redemptions.c.item_id, set(item_ids)))
        .where(redemptions.c.state.in_(sorted(COUNTED_STATES)))
    )
    return [Counted(rider_id=row.rider_id, item_id=row.item_id, requested_at=row.requested_at) for row in rows]


def read_approvals(
    connection: Connection, programme_id: int, redemption_ids: Collection[UUID]
) -> dict[UUID, tuple[Approval, ...]]:
    """Redemption id → its approvals, in the order in which they were given."""
    found: dict[UUID, tuple[Approval, ...]] = {}
    rows = connection.execute(
        select(
            redemption_approvals.c.redemption_id,
            redemption_approvals.c.approved_by,
            redemption_approvals.c.approved_at,
        )
        .where(redemption_approvals.c.programme_id == programme_id)
        .where(is_in(connection, redemption_approvals.c.redemption_id, set(redemption_ids)))
        .order_by(redemption_approvals.c.approved_at, redemption_approvals.c.approved_by)
    )
    for row in rows:
        approval = Approval(approved_by=row.approved_by, approved_at=row.approved_at)
        found[row.redemption_id] = (*found.get(row.redemption_id, ()), approval)
    return found


def read_kept_stations(uow: UnitOfWork, operator_names: Collection[str]) -> dict[str, set[UUID]]:
    """Operator's name → the stations they keep; who keeps none is missing."""
    rows = uow.connection.execute(
        select(operators.c.name, station_keepers.c.station_id)
        .join(
            station_keepers,
            (station_keepers.c.programme_id == uow.programme_id) & (station_keepers.c.operator_id == operators.c.id),
        )
        .where(operators.c.programme_id == uow.programme_id)
        .where(is_in(uow.connection, operators.c.name, set(operator_names)))
    )
    found: dict[str, set[UUID]] = {}
    for row in rows:
        found.setdefault(row.name, set()).add(row.station_id)
    return found


def insert_redemptions(uow: UnitOfWork, batch: Sequence[Redemption]) -> None:
    uow.insert(
        redemptions,
        [
            {
                **_changing(uow, redemption),
                "code": redemption.code,
                "rider_id": redemption.rider_id,
                "item_id": redemption.item_id,
                "station_id": redemption.station_id,
                "points": redemption.points,
                "approvals_required": redemption.approvals_required,
                "requested_at": redemption.requested_at,
                "requested_by": redemption.requested_by,
                "decide_due_at": redemption.decide_due_at,
                "rulebook_version": redemption.rulebook_version,
                "hold_id": redemption.hold_id,
            }
            for redemption in batch
        ],
    )


def update_redemptions(uow: UnitOfWork, batch: Sequence[Redemption]) -> None:
    """Writes the state and what came with it."""
    uow.update(redemptions, key=("programme_id", "id"), rows=[_changing(uow, item) for item in batch])


def insert_approvals(uow: UnitOfWork, batch: Sequence[tuple[UUID, Approval]]) -> None:
    """Pairs of redemption id and approval."""
    uow.insert(
        redemption_approvals,
        [
            {
                "programme_id": uow.programme_id,
                "redemption_id": redemption_id,
                "approved_by": approval.approved_by,
                "approved_at": approval.approved_at,
            }
            for redemption_id, approval in batch
        ],
    )


def to_redemption(row: Row[Any], approvals: tuple[Approval, ...]) -> Redemption:
    """From a row with the columns of `REDEMPTION_COLUMNS`."""
    return Redemption(
        id=row.id,
        code=row.code,
        rider_id=row.rider_id,
        item_id=row.item_id,
        station_id=row.station_id,
        points=row.points,
        state=RedemptionState(row.state),
        approvals_required=row.approvals_required,
        requested_at=row.requested_at,
        requested_by=row.requested_by,
        decide_due_at=row.decide_due_at,
        rulebook_version=row.rulebook_version,
        hold_id=row.hold_id,
        approvals=approvals,
        voucher_code=row.voucher_code,
        ready_at=row.ready_at,
        pick_up_by=row.pick_up_by,
        closing_id=row.closing_id,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
        reason=row.reason,
    )


def _changing(uow: UnitOfWork, redemption: Redemption) -> dict[str, Any]:
    return {
        "programme_id": uow.programme_id,
        "id": redemption.id,
        "state": redemption.state.value,
        "voucher_code": redemption.voucher_code,
        "ready_at": redemption.ready_at,
        "pick_up_by": redemption.pick_up_by,
        "closing_id": redemption.closing_id,
        "closed_at": redemption.closed_at,
        "closed_by": redemption.closed_by,
        "reason": redemption.reason,
    }


def _with_approvals(uow: UnitOfWork, rows: Sequence[Row[Any]]) -> list[Redemption]:
    """The locked redemptions with the approvals that their lock protects."""
    approvals = read_approvals(uow.connection, uow.programme_id, {row.id for row in rows}) if rows else {}
    return [to_redemption(row, approvals.get(row.id, ())) for row in rows]
