"""/v1/imports: reports that were decided elsewhere, up to 1,000 at a time, in the order in which they are credited."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from litestar import Controller, Response, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from ledger.api.errors import Problem
from ledger.api.forms import LINE, Instant, Name, check_instants
from ledger.api.reports import PhotoUrl, ShortText
from ledger.api.writes import BULK_ITEMS_MAX, Write, answers
from ledger.domain.errors import InvalidField, Refusal
from ledger.domain.places import Datum, read_place
from ledger.domain.reports import ReportState
from ledger.services.imports import Imported, ImportReport, import_reports


class HistoricalReport(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """`decided_at` belongs to every state but submitted. The place is optional, but both numbers or neither."""

    external_id: Annotated[str, msgspec.Meta(min_length=1, max_length=80, pattern=LINE)]
    rider_code: Annotated[str, msgspec.Meta(max_length=16, pattern=LINE)]
    category_code: Annotated[str, msgspec.Meta(max_length=10, pattern=LINE)]
    state: Literal["submitted", "verified", "rejected", "duplicate"]
    submitted_at: Instant
    decided_at: Instant | None = None
    reason: ShortText = ""
    lat: float | None = None
    lon: float | None = None
    datum: Datum = Datum.WGS_84
    address: ShortText = ""
    description: ShortText = ""
    photo_url: PhotoUrl | None = None


class HistoricalReports(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """`source` and each item's `external_id` are the natural key: a second time changes nothing."""

    source: Name
    items: Annotated[list[HistoricalReport], msgspec.Meta(min_length=1, max_length=BULK_ITEMS_MAX)]


class ImportOutcome(msgspec.Struct, kw_only=True, omit_defaults=True):
    """`unchanged`: it was here already. Points are what the category is worth, and what the caps left of it."""

    index: int
    outcome: Literal["done", "unchanged", "refused"]
    report_code: str | None = None
    points_wanted: int | None = None
    points_granted: int | None = None
    problem: Problem | None = None


class ImportsBody(msgspec.Struct, kw_only=True):
    items: list[ImportOutcome]
    done: int
    unchanged: int
    refused: int
    riders_enrolled: int
    points_wanted: int
    points_granted: int


class ImportsController(Controller):
    path = "/imports"
    tags = ["imports"]

    @post(
        operation_id="import_reports",
        summary="Import up to 1,000 historical reports",
        status_code=200,
        responses=answers(ImportsBody),
    )
    async def import_reports(
        self,
        write: NamedDependency[Write],
        data: JSONBody[HistoricalReports],
    ) -> Response[bytes]:
        """Credits in the order given: sort the whole file by (submitted_at, external_id) first. Reporters nobody knows
        are enrolled. Needs no Idempotency-Key, the natural key does it."""
        return await write.many(
            import_reports,
            [_command(data.source, item, write.actor) for item in data.items],
            to_body=_print,
            needs_key=False,
            summarize=_summarize,
        )


def _command(source: str, item: HistoricalReport, actor: str) -> ImportReport | Refusal:
    place = None
    if refusal := check_instants(submitted_at=item.submitted_at, decided_at=item.decided_at):
        return refusal
    if (item.lat is None) is not (item.lon is None):
        return InvalidField(
            field="lat", problem_zh="经纬度要么都填，要么都不填。", problem_en="give both `lat` and `lon`, or neither."
        )
    if item.lat is not None and item.lon is not None:
        try:
            place = read_place(item.lat, item.lon, item.datum)
        except InvalidField as nowhere:
            return nowhere
    return ImportReport(
        source=source,
        external_id=item.external_id,
        rider_code=item.rider_code,
        category_code=item.category_code,
        state=ReportState(item.state),
        submitted_at=item.submitted_at,
        decided_at=item.decided_at,
        place=place,
        actor=actor,
        address=item.address,
        description=item.description,
        photo_url=item.photo_url,
        reason=item.reason,
    )


def _print(imported: Imported) -> dict[str, Any]:
    if not imported.is_new:
        return {"outcome": "unchanged", "report_code": imported.report_code}
    award = imported.award
    return {
        "report_code": imported.report_code,
        "points_wanted": award.points_wanted if award else 0,
        "points_granted": award.points_granted if award else 0,
    }


def _summarize(outcomes: Sequence[Imported | Refusal]) -> dict[str, int]:
    imported = [outcome for outcome in outcomes if isinstance(outcome, Imported)]
    awards = [outcome.award for outcome in imported if outcome.award]
    done = sum(outcome.is_new for outcome in imported)
    return {
        "done": done,
        "unchanged": len(imported) - done,
        "refused": len(outcomes) - len(imported),
        "riders_enrolled": sum(outcome.enrolled_rider for outcome in imported),
        "points_wanted": sum(award.points_wanted for award in awards),
        "points_granted": sum(award.points_granted for award in awards),
    }
