"""Appointments to the roll of 新锋骑手: when a rider was appointed and trained, and until when. One a rider."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from ledger.domain.errors import InvalidField


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """Local days. `ends_on` is the last day of the term; None: no end is set."""

    rider_id: UUID
    appointed_on: date
    trained_on: date | None
    ends_on: date | None
    appointed_by: str


def check_appointment(*, appointed_on: date, trained_on: date | None, ends_on: date | None) -> InvalidField | None:
    if ends_on is not None and ends_on < appointed_on:
        return InvalidField(
            field="ends_on",
            problem_zh=f"任期结束日 {ends_on} 早于任命日 {appointed_on}；请改正。",
            problem_en=f"{ends_on} lies before the appointment, {appointed_on}; correct one of them.",
        )
    if trained_on is not None and ends_on is not None and trained_on > ends_on:
        return InvalidField(
            field="trained_on",
            problem_zh=f"培训日 {trained_on} 晚于任期结束日 {ends_on}；请改正。",
            problem_en=f"{trained_on} lies after the end of the term, {ends_on}; correct one of them.",
        )
    return None
