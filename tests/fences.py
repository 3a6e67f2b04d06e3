"""Books with every fence down, to do damage to that no part of the program would."""

from datetime import UTC, datetime

from sqlalchemy import text

from ledger.domain.access import Role
from ledger.domain.proposals import ProposalKind
from ledger.services.closing import CancelRedemption, FulfilRedemption, cancel_redemptions, fulfil_redemptions
from ledger.services.imports import import_reports
from ledger.services.lapses import LapsePoints, lapse_points
from tests.services.test_imports import row
from tests.world import World

LAPSED_SINCE = datetime(2024, 5, 1, tzinfo=UTC)


def take_fences_down(world: World) -> World:
    """Right books of some history, and no trigger left to keep them so."""
    world.enroll()
    world.award(category_code="SAF-01")
    second = world.award().case.report.code
    world.spend(28)
    world.revoke(second)  # 2 points were left, so 8 are owed
    world.settle(world.award().case.report.code)
    world.earn(200)
    world.put_item(stock=5)
    voucher = world.redeem().voucher_code or ""
    world.do(fulfil_redemptions, FulfilRedemption(voucher=voucher, actor="operator/keeper"))
    world.do(cancel_redemptions, CancelRedemption(redemption=world.redeem().code, reason="", actor="rider/R00001"))
    world.redeem()
    _correct_a_published_month(world)
    world.approve_proposal(world.propose())
    world.approve_proposal(world.propose(points=-5))
    funding = world.propose(kind=ProposalKind.FUNDING, points=-500, rider_code=None)
    world.approve_proposal(funding, actor="operator/owner", role=Role.OWNER)
    world.propose(points=7)
    world.run(import_reports, row(1, submitted_at=LAPSED_SINCE))
    world.do(lapse_points, LapsePoints())
    with world.runtime.database.writer.begin() as connection:
        if world.runtime.database.is_sqlite:
            for name in connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            for table in ("transactions", "entries", "events", "corrections"):
                connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    return world


def _correct_a_published_month(world: World) -> None:
    """Of another rider: what a correction left is compared instead of the list, which would hide damage to it."""
    world.enroll("R00009")
    kept = world.award("R00009", category_code="SAF-01")
    taken = world.award("R00009").case.report.code
    assert kept.case.award is not None
    world.publish_month(kept.case.award.month, at=datetime(2026, 4, 3, 12, tzinfo=UTC))
    world.revoke(taken)
