"""Crediting: the awards of one unit of work, with caps, books and standings as earlier items of the batch left them.

Used by the verification of reports and by the historical import, so that both book alike. In a month that was published
nothing is counted any more: what is credited late counts in the first open month, what is taken back is a correction.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from ledger.domain.accounts import Purpose, budget_account
from ledger.domain.awards import Award, CapUsage, Credit, Part, cap_credit, decide_credit, is_serious
from ledger.domain.calendar import Month, following_month, local_day, month_of
from ledger.domain.cases import BalancesAfter
from ledger.domain.errors import BrokenInvariant, Refusal
from ledger.domain.journal import BudgetExhausted
from ledger.domain.months import Correction, correction_of, first_open_month
from ledger.domain.moves import award_legs, reversal_legs
from ledger.domain.reports import Report
from ledger.domain.rulebook import Category, Rulebook
from ledger.domain.standings import Standing, standing_of
from ledger.domain.transactions import Transaction, TransactionKind
from ledger.services.corrections import write_corrections
from ledger.services.posting import open_books, write_books
from ledger.storage import awards as award_store
from ledger.storage import months as month_store
from ledger.storage import programmes as programme_store
from ledger.storage import standings as standing_store
from ledger.storage import waiting as waiting_store
from ledger.storage.tables import corrected_standings, standings
from ledger.storage.unit_of_work import UnitOfWork


class Crediting:
    """Open it on the reports of the batch (their riders locked), credit or reverse one after another, write once."""

    def __init__(
        self,
        uow: UnitOfWork,
        *,
        rulebook: Rulebook,
        zone: ZoneInfo,
        reports: Sequence[Report],
        awards_to_reverse: Sequence[Award] = (),
        settles: bool = False,
        rebooks: bool = False,
    ) -> None:
        self._uow = uow
        self._rulebook = rulebook
        self._zone = zone
        self.sponsor_id = programme_store.read_sponsor_id(uow, programme_store.GENERAL_SPONSOR)
        # Where credits wait already, others do so behind them.
        self._queued = waiting_store.read_sponsors_with_waiting(uow)

        days = {(report.rider_id, local_day(report.submitted_at, zone)) for report in reports}
        report_months = {month_of(day) for _, day in days}
        reversed_months = {award.month for award in awards_to_reverse}
        present = month_of(local_day(uow.now, zone))
        # Month → number of its last correction.
        self._closed = month_store.read_closed_months(uow, since=min({present, *report_months, *reversed_months}))
        counted_in = {month for first in report_months for month in self._months_from(first)}
        self._usage = _Usage(award_store.read_cap_usage(uow, days, counted_in=counted_in))

        months = {(rider_id, first_open_month(month_of(day), self._closed)) for rider_id, day in days}
        months |= {(award.rider_id, award.month) for award in awards_to_reverse}
        if settles:
            months |= {(report.rider_id, present) for report in reports}
        self._stored_standings = standing_store.read_standings(uow, months)
        self._stored_corrected = (
            standing_store.read_standings(
                uow, {key for key in months if key[1] in self._closed}, table=corrected_standings
            )
            if reversed_months & self._closed.keys()
            else {}
        )
        self._standings: dict[tuple[UUID, Month], Standing] = dict(self._stored_standings)
        self._touched_standings: dict[tuple[UUID, Month], None] = {}
        self._corrections: list[Correction] = []
        self._new_awards: dict[tuple[UUID, Part, int], Award] = {}

        self._reversed_awards: list[Award] = []
        recomputed = {(award.rider_id, award.month) for award in awards_to_reverse}
        if rebooks:
            # An award of this very unit can be taken back again by a later item.
            recomputed |= months
        self._month_awards = _index_awards(award_store.read_month_awards(uow, recomputed) if recomputed else {})

        sponsors = {self.sponsor_id, *(award.sponsor_id for award in awards_to_reverse)}
        self._books = open_books(
            uow,
            owner_ids={*sponsors, *(report.rider_id for report in reports)},
            to_reverse=[award.transaction_id for award in awards_to_reverse if award.transaction_id],
        )

    def credit(
        self,
        report: Report,
        category: Category,
        *,
        effective_at: datetime,
        actor: str,
        key: str | None,
        points: int | None = None,
        words: str = "",
    ) -> Award | Refusal:
        """Books the report's points and counts them, or returns the refusal with nothing changed.

        Where the budget is exhausted the award waits: it counts all the same, and its points come with the money.
        `points` are wanted instead of the category's, by a report that has a share only; `words` say why.
        """
        day = local_day(report.submitted_at, self._zone)
        usage = self._usage.of(report.rider_id, day)
        caps = self._rulebook.caps
        if points is None:
            credit = decide_credit(category, hours=report.hours, caps=caps, usage=usage)
        else:
            credit = cap_credit(points, is_exempt=category.is_urgent, caps=caps, usage=usage)
        award = self._award(report, credit, part=Part.REPORT, category=category, day=day, effective_at=effective_at)
        memo = f"{category.code} {category.name}{f'：{words}' if words else ''}"
        if award.month != month_of(day):
            memo += f"（{month_of(day)} 榜单已公布，贡献分计入 {award.month} · counts in {award.month}）"
        return self._book(award, memo=memo, actor=actor, key=key)

    def rebook(
        self, award: Award, points: int, *, actor: str, key: str | None, reason: str, words: str
    ) -> tuple[Award, Award]:
        """Takes a live award back and books it anew for so many points wanted: the award before and the one now.

        Day, month and lot stay, so that whoever is merged and split again stands where they stood. A lot that has
        lapsed meanwhile is not filled again; in a month that was published since, what is taken back is a correction
        and what is booked anew counts in the first open month. It draws on what was given back, ahead of credits that
        wait; where that is not enough it waits like them.
        """
        taken = self.reverse(award, actor=actor, key=key, memo=reason, is_superseded=True)
        if not award.is_cap_exempt:
            self._usage.take_back(award.rider_id, award.day, award.points_granted)
        usage = self._usage.of(award.rider_id, award.day)
        credit = cap_credit(points, is_exempt=award.is_cap_exempt, caps=self._rulebook.caps, usage=usage)
        today = local_day(self._uow.now, self._zone)
        renewed = replace(
            award,
            transaction_id=self._uow.new_id() if credit.points_granted else None,
            points_wanted=credit.points_wanted,
            points_granted=credit.points_granted,
            limited_by=credit.limited_by,
            merit=credit.points_granted,
            month=first_open_month(award.month, self._closed),
            lapses_on=award.lapses_on if award.lapses_on >= today else self._rulebook.lapse_day(today),
            rulebook_version=self._rulebook.version,
            effective_at=self._uow.now,
            revision=award.revision + 1,
        )
        booked = self._book(renewed, memo=words, actor=actor, key=key, is_in_turn=award.transaction_id is not None)
        if isinstance(booked, Refusal):
            raise BrokenInvariant(f"award {award.report_id} was taken back and not booked anew: {booked}")
        return taken, booked

    def budget_of(self, sponsor_id: UUID) -> int:
        return self._books.balance(budget_account(sponsor_id))

    def give_bonus(self, report: Report, category: Category, *, actor: str, key: str | None) -> Award | Refusal:
        """Books the bonus for a hazard that was settled; open the crediting with `settles` for it.

        It counts on the day of the settlement, so that a slow repair never changes a month that is over, and no cap
        holds it back: when a hazard is settled is not the rider's doing.
        """
        points = self._rulebook.settlement_bonus_points
        award = self._award(
            report,
            Credit(points_wanted=points, points_granted=points, limited_by=None),
            part=Part.SETTLEMENT,
            category=category,
            day=local_day(self._uow.now, self._zone),
            effective_at=self._uow.now,
        )
        memo = f"办结奖励 · settled: {category.code} {category.name}"
        return self._book(award, memo=memo, actor=actor, key=key)

    def _award(
        self, report: Report, credit: Credit, *, part: Part, category: Category, day: date, effective_at: datetime
    ) -> Award:
        is_bonus = part is Part.SETTLEMENT
        return Award(
            report_id=report.id,
            rider_id=report.rider_id,
            part=part,
            transaction_id=self._uow.new_id() if credit.points_granted else None,
            sponsor_id=self.sponsor_id,
            points_wanted=credit.points_wanted,
            points_granted=credit.points_granted,
            limited_by=credit.limited_by,
            is_cap_exempt=is_bonus or category.is_urgent,
            is_serious=not is_bonus and is_serious(category),
            merit=credit.points_granted,
            day=day,
            month=first_open_month(month_of(day), self._closed),
            lapses_on=self._rulebook.lapse_day(local_day(effective_at, self._zone)),
            rulebook_version=self._rulebook.version,
            effective_at=effective_at,
        )

    def _book(
        self, award: Award, *, memo: str, actor: str, key: str | None, is_in_turn: bool = False
    ) -> Award | Refusal:
        """Posts the award's points, if it has any, and counts it; or the refusal with nothing changed.

        Behind credits that wait for the same budget it waits too, unless it `is_in_turn`.
        """
        if award.transaction_id is not None and award.sponsor_id in self._queued and not is_in_turn:
            award = award.waiting()
        elif award.transaction_id is not None:
            transaction = Transaction(
                id=award.transaction_id,
                kind=TransactionKind.AWARD,
                effective_at=award.effective_at,
                recorded_at=self._uow.now,
                actor=actor,
                source_id=award.report_id,
                rulebook_version=award.rulebook_version,
                memo=memo,
                idempotency_key=key,
                legs=award_legs(
                    self._books,
                    budget=budget_account(award.sponsor_id),
                    rider_id=award.rider_id,
                    lapses_on=award.lapses_on.isoformat(),
                    points=award.points_granted,
                ),
            )
            refusal = self._books.post(transaction)
            if isinstance(refusal, BudgetExhausted):
                self._queued.add(award.sponsor_id)
                award = award.waiting()
            elif refusal:
                return refusal
        self._new_awards[award.report_id, award.part, award.revision] = award
        in_month = self._month_awards.get((award.rider_id, award.month))
        if in_month is not None:
            in_month[award.report_id, award.part] = award
        if not award.is_cap_exempt:
            self._usage.add(award.rider_id, award.day, award.points_granted)
        self._set_standing(self._standing(award.rider_id, award.month).with_award(award))
        return award

    def reverse(self, award: Award, *, actor: str, key: str | None, memo: str, is_superseded: bool = False) -> Award:
        """Takes the award back as far as the rider's lots reach; the rest is owed. Recomputes the month's standing.

        In a month that was published the list stays as it is, and the reversal is a numbered correction beside it.
        """
        reversal_id = None
        if award.transaction_id is not None:
            transaction = Transaction(
                id=self._uow.new_id(),
                kind=TransactionKind.REVERSE,
                effective_at=self._uow.now,
                recorded_at=self._uow.now,
                actor=actor,
                source_id=award.report_id,
                rulebook_version=award.rulebook_version,
                memo=memo,
                idempotency_key=key,
                reverses=award.transaction_id,
                legs=reversal_legs(
                    self._books,
                    budget=budget_account(award.sponsor_id),
                    rider_id=award.rider_id,
                    lapses_on=award.lapses_on.isoformat(),
                    points=award.points_granted,
                ),
            )
            if refusal := self._books.post(transaction):
                raise BrokenInvariant(f"reversal of live award {award.report_id} refused: {refusal}")
            reversal_id = transaction.id

        reversed_award = award.reversed(reversal_id=reversal_id, now=self._uow.now)
        if is_superseded:
            reversed_award = reversed_award.superseded()
        if (award.report_id, award.part, award.revision) in self._new_awards:
            self._new_awards[award.report_id, award.part, award.revision] = reversed_award
        else:
            self._reversed_awards.append(reversed_award)
        in_month = self._month_awards[award.rider_id, award.month]
        in_month[award.report_id, award.part] = reversed_award
        self._set_standing(standing_of(award.rider_id, award.month, in_month.values()))
        if award.month in self._closed:
            self._closed[award.month] += 1
            number = self._closed[award.month]
            self._corrections.append(
                correction_of(reversed_award, number=number, reason=memo, actor=actor, now=self._uow.now)
            )
        return reversed_award

    def balances(self, rider_id: UUID, sponsor_id: UUID | None = None) -> BalancesAfter:
        return BalancesAfter(
            available=self._books.total(rider_id, Purpose.AVAILABLE),
            owed=self._books.total(rider_id, Purpose.OWED),
            budget=self.budget_of(sponsor_id or self.sponsor_id),
        )

    def write_books(self) -> None:
        """Writes accounts, transactions and entries: before the awards, which point at them."""
        write_books(self._uow, self._books)

    def write_awards(self) -> None:
        """Writes awards and standings: after the reports, which the awards point at."""
        # What was taken back first: of each award only one is current.
        award_store.update_reversals(self._uow, self._reversed_awards)
        award_store.insert_awards(self._uow, list(self._new_awards.values()))
        touched = [self._standings[key] for key in self._touched_standings]
        for table, stored, is_closed in (
            (standings, self._stored_standings, False),
            (corrected_standings, self._stored_corrected, True),
        ):
            mine = [standing for standing in touched if (standing.month in self._closed) is is_closed]
            standing_store.write_standings(self._uow, before=stored, after=mine, table=table)
        if self._corrections:
            write_corrections(self._uow, self._corrections, rulebook=self._rulebook)

    def _months_from(self, month: Month) -> list[Month]:
        """The month and those after it up to the first open one: where awards of its days can count."""
        found = [month]
        while found[-1] in self._closed:
            found.append(following_month(found[-1]))
        return found

    def _standing(self, rider_id: UUID, month: Month) -> Standing:
        return self._standings.get((rider_id, month)) or Standing(rider_id=rider_id, month=month)

    def _set_standing(self, standing: Standing) -> None:
        key = (standing.rider_id, standing.month)
        self._standings[key] = standing
        self._touched_standings[key] = None


class _Usage:
    """Cap usage as the batch goes on. A day's points count in the month too, also for the rider's other days."""

    def __init__(self, stored: dict[tuple[UUID, date], CapUsage]) -> None:
        self._days = {key: (usage.reports_today, usage.points_today) for key, usage in stored.items()}
        self._months = {(rider, month_of(day)): usage.points_this_month for (rider, day), usage in stored.items()}

    def of(self, rider_id: UUID, day: date) -> CapUsage:
        reports_today, points_today = self._days.get((rider_id, day), (0, 0))
        return CapUsage(
            reports_today=reports_today,
            points_today=points_today,
            points_this_month=self._months.get((rider_id, month_of(day)), 0),
        )

    def add(self, rider_id: UUID, day: date, points: int) -> None:
        usage = self.of(rider_id, day).after(points)
        self._days[rider_id, day] = (usage.reports_today, usage.points_today)
        self._months[rider_id, month_of(day)] = usage.points_this_month

    def take_back(self, rider_id: UUID, day: date, points: int) -> None:
        reports_today, points_today = self._days.get((rider_id, day), (0, 0))
        self._days[rider_id, day] = (reports_today - (points > 0), points_today - points)
        self._months[rider_id, month_of(day)] = self._months.get((rider_id, month_of(day)), 0) - points


def _index_awards(
    found: dict[tuple[UUID, Month], list[Award]],
) -> dict[tuple[UUID, Month], dict[tuple[UUID, Part], Award]]:
    return {key: {(award.report_id, award.part): award for award in awards} for key, awards in found.items()}
