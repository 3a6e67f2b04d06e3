"""The life of a month through the use-cases: published by one, final by another, corrected beside the list."""

from datetime import UTC, date, datetime

from sqlalchemy import update

from ledger.domain.calendar import Month
from ledger.domain.honors import TitleState
from ledger.domain.months import ClosedMonth, MonthState
from ledger.queries import honors as honor_queries
from ledger.queries import months as queries
from ledger.queries import rankings
from ledger.queries import riders as rider_queries
from ledger.queries.honors import TitleFilter
from ledger.services.honors import AwardTitles, ConfirmTitle, DeclineTitle, award_titles, confirm_titles, decline_titles
from ledger.services.months import FinalizeMonth, PublishMonth, finalize_months, publish_months
from ledger.storage.tables import standings
from tests.books import check_books
from tests.world import World

MARCH, APRIL = Month("2026-03"), Month("2026-04")
PUBLISH = PublishMonth(month=MARCH, actor="operator/manager")
FINALIZE = FinalizeMonth(month=MARCH, actor="operator/owner")
PUBLICATION = datetime(2026, 4, 3, 12, 30, tzinfo=UTC)
"""Half past eight in the evening, in Ningbo, of the day until which March is verified."""
AFTER_OBJECTIONS = datetime(2026, 4, 10, 16, 0, tzinfo=UTC)
"""The midnight after Friday the 10th, five working days after Friday the 3rd."""


def publish(world: World) -> ClosedMonth:
    world.clock.now = PUBLICATION
    published: ClosedMonth = world.do(publish_months, PUBLISH)
    return published


def finalize(world: World) -> ClosedMonth:
    world.clock.now = AFTER_OBJECTIONS
    final: ClosedMonth = world.do(finalize_months, FINALIZE)
    return final


def listed(world: World, month: Month = MARCH) -> list[tuple[int, str, int]]:
    with world.runtime.reading() as connection:
        found = rankings.read_ranking(connection, world.programme_id, month, limit=100, after=None)
    return [(line.rank, line.rider_code, line.merit) for line in found.items]


def verified(world: World, month: Month = MARCH) -> queries.Verification:
    with world.runtime.reading() as connection:
        return queries.verify_month(connection, world.programme_id, month)


def check(world: World) -> None:
    with world.runtime.reading() as connection:
        assert check_books(connection, world.programme_id) == []


def two_riders(world: World) -> str:
    """R00001 with 60 merit by two reports, R00002 with 50 by one; the code of the first's smaller one."""
    world.enroll()
    world.enroll("R00002")
    world.award(category_code="SAF-03")
    world.award("R00002", category_code="SAF-03")
    return world.award().case.report.code


def test_a_month_goes_from_open_to_published_to_final(world: World) -> None:
    two_riders(world)
    published = publish(world)
    assert (published.state, published.published.riders, published.published.merit) == (MonthState.PROVISIONAL, 2, 110)
    assert published.objections_until == date(2026, 4, 10)
    final = finalize(world)
    assert (final.state, final.seal, final.finalized_by) == (MonthState.FINAL, published.published, "operator/owner")
    assert verified(world).is_intact
    check(world)


def test_a_month_is_published_once_and_not_before_its_evening(world: World) -> None:
    two_riders(world)
    assert world.refuse(publish_months, PUBLISH).code == "publication_too_early"
    world.clock.now = PUBLICATION.replace(hour=11, minute=59)
    assert world.refuse(publish_months, PUBLISH).code == "publication_too_early"
    world.clock.now = PUBLICATION.replace(hour=12, minute=0)
    _, again = world.run(publish_months, PUBLISH, PUBLISH)
    assert again.code == "month_already_published"
    told = world.event_count()
    assert world.refuse(publish_months, PUBLISH).code == "month_already_published"
    assert world.event_count() == told


def test_refusals_of_a_final_list_come_in_order(world: World) -> None:
    two_riders(world)
    world.clock.now = PUBLICATION
    assert world.refuse(finalize_months, FINALIZE).code == "month_not_published"
    publish(world)
    own = FinalizeMonth(month=MARCH, actor=PUBLISH.actor)
    assert world.refuse(finalize_months, own).code == "own_publication"
    world.clock.now = AFTER_OBJECTIONS.replace(hour=15, minute=59)
    assert world.refuse(finalize_months, FINALIZE).code == "objections_still_heard"
    finalize(world)
    assert world.refuse(finalize_months, own).code == "month_already_final"


def test_a_dry_run_closes_nothing(world: World) -> None:
    two_riders(world)
    world.clock.now = PUBLICATION
    [previewed] = world.run(publish_months, PUBLISH, dry_run=True)
    assert previewed.state is MonthState.PROVISIONAL
    assert publish(world).published == previewed.published


def test_a_standing_that_differs_from_its_awards_stops_the_close_with_the_numbers(world: World) -> None:
    two_riders(world)
    rider = world.rider_id("R00002")
    with world.runtime.database.writer.begin() as connection:
        connection.execute(update(standings).where(standings.c.rider_id == rider).values(merit=51))
    world.clock.now = PUBLICATION
    refusal = world.refuse(publish_months, PUBLISH)
    assert refusal.code == "standings_differ"
    assert "R00002" in str(refusal)
    assert "merit 51" in str(refusal)
    assert "merit 50" in str(refusal)
    assert not verified(world).is_intact
    with world.runtime.database.writer.begin() as connection:
        connection.execute(update(standings).where(standings.c.rider_id == rider).values(merit=50))
    publish(world)
    with world.runtime.database.writer.begin() as connection:
        connection.execute(update(standings).where(standings.c.rider_id == rider).values(merit=49))
    world.clock.now = AFTER_OBJECTIONS
    assert world.refuse(finalize_months, FINALIZE).code == "standings_differ"


def test_a_report_verified_after_its_month_was_closed_earns_points_at_once_and_merit_in_the_first_open_month(
    world: World,
) -> None:
    two_riders(world)
    late = world.submit("R00002", category_code="SAF-03")
    publish(world)
    before = listed(world)
    credited = world.verify(late)
    assert credited.balances.available == 100
    assert listed(world) == before
    assert listed(world, APRIL) == [(1, "R00002", 50)]
    with world.runtime.reading() as connection:
        rider = rider_queries.read_rider(connection, world.programme_id, "R00002")
        statement = rider_queries.read_statement(connection, world.programme_id, rider, limit=1, after=None)
    assert "counts in 2026-04" in statement.items[0].memo
    check(world)


def test_caps_go_by_the_day_wherever_the_merit_counts(world: World) -> None:
    world.enroll()
    late = [world.submit() for _ in range(11)]
    for code in late[:5]:
        world.verify(code)
    publish(world)
    awards = [world.verify(code).case.award for code in late[5:]]
    assert [(award.month, award.points_granted) for award in awards if award] == [(APRIL, 10)] * 5 + [(APRIL, 0)]


def test_a_credit_reversed_in_a_closed_month_is_a_numbered_correction_and_the_list_stays(world: World) -> None:
    smaller = two_riders(world)
    bigger = world.award(category_code="SAF-03").case.report.code
    published = publish(world)
    world.revoke(smaller, reason="照片是盗用的")
    assert listed(world) == [(1, "R00001", 110), (2, "R00002", 50)]
    check(world)

    final = finalize(world)
    assert listed(world) == [(1, "R00001", 100), (2, "R00002", 50)]
    assert (final.corrections_in_list, final.final.merit if final.final else 0) == (1, 150)
    assert final.final != published.published
    check(world)

    world.revoke(bigger, reason="现场是摆拍的")
    assert listed(world) == [(1, "R00001", 100), (2, "R00002", 50)]
    with world.runtime.reading() as connection:
        found = queries.read_corrections(connection, world.programme_id, MARCH, limit=10, after=None)
    assert [
        (one.correction.name, one.rider_code, one.correction.merit, one.correction.reason) for one in found.items
    ] == [
        ("2026-03/1", "R00001", -10, "照片是盗用的"),
        ("2026-03/2", "R00001", -50, "现场是摆拍的"),
    ]
    check(world)
    proof = verified(world)
    assert proof.is_intact
    assert [seal.recomputed for seal in proof.seals] == [published.published, final.final]


def test_a_list_changed_after_it_was_sealed_is_found(world: World) -> None:
    two_riders(world)
    publish(world)
    finalize(world)
    rider = world.rider_id("R00002")
    with world.runtime.database.writer.begin() as connection:
        connection.execute(update(standings).where(standings.c.rider_id == rider).values(merit=51))
    proof = verified(world)
    assert not proof.is_intact
    assert [one.rider_code for one in proof.differences] == ["R00002"]
    assert proof.stored != proof.seals[-1].sealed


def test_titles_of_a_corrected_month_are_reviewed_and_never_silently_removed(world: World) -> None:
    smaller = two_riders(world)
    world.earn(250, rider="R00001")
    publish(world)
    world.do(award_titles, AwardTitles(period=MARCH, actor="operator/manager"))
    world.revoke(smaller)

    def titles() -> dict[str, tuple[TitleState, str | None]]:
        with world.runtime.reading() as connection:
            found = honor_queries.read_titles(
                connection,
                world.programme_id,
                narrowed_to=TitleFilter(period=MARCH, rider_code="R00001"),
                limit=10,
                after=None,
            )
        return {case.title.honor_code: (case.title.state, case.title.under_review) for case in found.items}

    assert set(titles().values()) == {(TitleState.GRANTED, "2026-03/1")}
    assert len(titles()) == 2
    world.clock.now = AFTER_OBJECTIONS
    assert world.refuse(finalize_months, FINALIZE).code == "titles_under_review"

    with world.runtime.reading() as connection:
        found = honor_queries.read_titles_of(connection, world.programme_id, world.rider_id("R00001"))
    kept, taken = (str(case.title.id) for case in found if case.title.period == MARCH)
    world.do(confirm_titles, ConfirmTitle(title_id=kept, actor="operator/manager"))
    world.do(decline_titles, DeclineTitle(title_id=taken, reason="更正后不够条件", actor="operator/manager"))
    assert sorted(titles().values()) == [(TitleState.DECLINED, None), (TitleState.GRANTED, None)]
    assert finalize(world).state is MonthState.FINAL


def test_months_are_listed_from_the_first_with_a_standing_to_the_present(world: World) -> None:
    two_riders(world)
    publish(world)
    with world.runtime.reading() as connection:
        found = queries.read_months(connection, world.programme_id, present=Month("2026-05"))
    assert [(one.month, one.closed is not None) for one in found] == [
        ("2026-05", False),
        ("2026-04", False),
        ("2026-03", True),
    ]
