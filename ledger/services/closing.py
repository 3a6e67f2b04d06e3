"""How redemptions end: handed over for a voucher, rejected, cancelled, or lapsed because nobody came."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from ledger.domain.access import SYSTEM_ACTOR
from ledger.domain.calendar import local_day
from ledger.domain.errors import NotFound, Refusal
from ledger.domain.redemptions import (
    OPEN_STATES,
    Redemption,
    RedemptionState,
    WrongStation,
    check_state,
    check_voucher,
)
from ledger.domain.vouchers import VoucherMalformed, read_voucher_code, spell_voucher_code
from ledger.services.redeeming import Redeemed, Redeeming
from ledger.services.redemptions import open_redeeming
from ledger.storage import programmes as programme_store
from ledger.storage import redemptions as redemption_store
from ledger.storage.unit_of_work import UnitOfWork

LAPSED_REASON = "逾期未领 · not picked up in time"
LAPSES_MAX = 1_000
"""Redemptions that one run of the job closes: one unit of work well under a second. It is run until none is left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectRedemption:
    redemption: str
    reason: str
    actor: str
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRedemption:
    """`rider_id`: only that rider's own redemptions are found; None for the staff, who may cancel anybody's."""

    redemption: str
    reason: str
    actor: str
    rider_id: UUID | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FulfilRedemption:
    """`voucher` as it was scanned or typed. `keeper` is the operator's name: who keeps stations serves only those."""

    voucher: str
    actor: str
    keeper: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LapseRedemptions:
    """Close up to `limit` vouchers that were not picked up in time."""

    limit: int = LAPSES_MAX


def reject_redemptions(uow: UnitOfWork, batch: Sequence[RejectRedemption]) -> list[Redeemed | Refusal]:
    """Per item the rejected redemption, or: no such redemption, wrong state."""
    found = redemption_store.lock_redemptions(uow, {command.redemption for command in batch})
    redeeming = open_redeeming(uow, found)
    outcomes: list[Redeemed | Refusal] = []
    for command in batch:
        redemption = _find(redeeming, found, command.redemption)
        if isinstance(redemption, Refusal):
            outcomes.append(redemption)
            continue
        if refusal := check_state(redemption, RedemptionState.REQUESTED):
            outcomes.append(refusal)
            continue
        rejected = redeeming.release(
            redemption, RedemptionState.REJECTED, actor=command.actor, key=command.key, reason=command.reason
        )
        outcomes.append(redeeming.outcome(rejected))
    redeeming.write()
    return outcomes


def cancel_redemptions(uow: UnitOfWork, batch: Sequence[CancelRedemption]) -> list[Redeemed | Refusal]:
    """Per item the cancelled redemption, or: no such redemption (of the rider's own), wrong state."""
    found = redemption_store.lock_redemptions(uow, {command.redemption for command in batch})
    redeeming = open_redeeming(uow, found)
    outcomes: list[Redeemed | Refusal] = []
    for command in batch:
        redemption = _find(redeeming, found, command.redemption, rider_id=command.rider_id)
        if isinstance(redemption, Refusal):
            outcomes.append(redemption)
            continue
        if refusal := check_state(redemption, *OPEN_STATES):
            outcomes.append(refusal)
            continue
        cancelled = redeeming.release(
            redemption, RedemptionState.CANCELLED, actor=command.actor, key=command.key, reason=command.reason
        )
        outcomes.append(redeeming.outcome(cancelled))
    redeeming.write()
    return outcomes


def fulfil_redemptions(uow: UnitOfWork, batch: Sequence[FulfilRedemption]) -> list[Redeemed | Refusal]:
    """Per item the fulfilled redemption, or in this order: voucher malformed, unknown, used before, closed otherwise or
    past its last day, another station's."""
    codes = [read_voucher_code(command.voucher) for command in batch]
    found = redemption_store.lock_vouchers(uow, {code for code in codes if isinstance(code, str)})
    kept = redemption_store.read_kept_stations(uow, {command.keeper for command in batch if command.keeper})
    redeeming = open_redeeming(uow, found)
    outcomes: list[Redeemed | Refusal] = []
    for command, code in zip(batch, codes, strict=True):
        if isinstance(code, VoucherMalformed):
            outcomes.append(code)
            continue
        if code not in found:
            outcomes.append(NotFound(noun="voucher", name=spell_voucher_code(code)))
            continue
        redemption = redeeming.current(found[code])
        refusal = check_voucher(redemption, redeeming.today) or _check_station(
            redeeming, redemption, kept.get(command.keeper or "")
        )
        if refusal is not None:
            outcomes.append(refusal)
            continue
        fulfilled = redeeming.capture(redemption, actor=command.actor, key=command.key)
        outcomes.append(redeeming.outcome(fulfilled))
    redeeming.write()
    return outcomes


def lapse_redemptions(uow: UnitOfWork, batch: Sequence[LapseRedemptions]) -> list[list[Redeemed] | Refusal]:
    """Per item those that lapsed, those waiting longest first; fewer than `limit`: none is left. Safe twice."""
    today = local_day(uow.now, programme_store.read_zone_of(uow))
    overdue = redemption_store.lock_overdue(uow, today, sum(command.limit for command in batch))
    redeeming = open_redeeming(uow, {redemption.code: redemption for redemption in overdue})
    waiting = iter(overdue)
    outcomes: list[list[Redeemed] | Refusal] = [
        [
            redeeming.outcome(
                redeeming.release(
                    redemption, RedemptionState.LAPSED, actor=SYSTEM_ACTOR, key=None, reason=LAPSED_REASON
                )
            )
            for redemption in islice(waiting, command.limit)
        ]
        for command in batch
    ]
    redeeming.write()
    return outcomes


def _find(
    redeeming: Redeeming, found: dict[str, Redemption], name: str, *, rider_id: UUID | None = None
) -> Redemption | NotFound:
    """As earlier items left it. Another rider's redemption is not there for a rider."""
    if name not in found or (rider_id is not None and found[name].rider_id != rider_id):
        return NotFound(noun="redemption", name=name)
    return redeeming.current(found[name])


def _check_station(redeeming: Redeeming, redemption: Redemption, kept: set[UUID] | None) -> WrongStation | None:
    """Somebody who keeps no station in particular may hand over anywhere, and so may anybody what is kept nowhere."""
    if kept is None or redemption.station_id is None or redemption.station_id in kept:
        return None
    station = redeeming.stations[redemption.station_id]
    return WrongStation(redemption_code=redemption.code, station=f"{station.code} {station.name}")
