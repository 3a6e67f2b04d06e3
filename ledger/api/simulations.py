"""/v1/rulebooks/simulation: what history would have earned under a document, told while it goes on; nothing changes."""

from datetime import date
from functools import partial
from typing import Annotated, Any

import msgspec
from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from litestar.response import Stream

from ledger.api.deadline import WHOLE_BOOKS_SECONDS_MAX
from ledger.api.exporting.sending import Pieces, PieceStream
from ledger.api.exports import BUSY_RETRY_AFTER_SECONDS
from ledger.api.forms import PROSE
from ledger.api.runtime import EXPORTS_MAX, Runtime
from ledger.domain.access import Principal
from ledger.domain.errors import InvalidField
from ledger.domain.exports import ExportsBusy
from ledger.domain.rulebook import Rulebook, read_rulebook
from ledger.domain.rulebook_versions import DOCUMENT_LENGTH_MAX
from ledger.domain.simulation import Difference, Simulation
from ledger.queries import simulation as queries

MEDIA_TYPE = "application/x-ndjson"
SIMULATED_VERSION = 0
"""The document has no number before it is proposed."""


class SimulationForm(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, rename={"since": "from", "until": "to"}):
    """`document` is TOML. Local days, both included: those on which the reports were made."""

    document: Annotated[str, msgspec.Meta(min_length=1, max_length=DOCUMENT_LENGTH_MAX, pattern=PROSE)]
    since: date
    until: date


@post(
    "/rulebooks/simulation",
    operation_id="simulate_rulebook",
    answer_seconds_max=WHOLE_BOOKS_SECONDS_MAX,
    tags=["rules"],
    summary="Rate past awards under a document: progress and a summary, a line of JSON each",
    status_code=200,
    sync_to_thread=True,
)
def simulate_rulebook(
    runtime: NamedDependency[Runtime], principal: NamedDependency[Principal], data: JSONBody[SimulationForm]
) -> Stream:
    """Live awards of these days, as they are and as they would be, caps included. The last line is of type `summary`;
    an answer that breaks off before it has shown nothing."""
    if data.until < data.since:
        raise InvalidField(field="to", problem_zh="早于 from；请对调。", problem_en="is before `from`; swap them.")
    rulebook = read_rulebook(SIMULATED_VERSION, data.document)
    return PieceStream(
        partial(_make_pieces, runtime, principal.programme_id, rulebook, data.since, data.until),
        media_type=MEDIA_TYPE,
        headers={"Content-Disposition": f'attachment; filename="simulation-{principal.programme_id}.ndjson"'},
    )


def _make_pieces(runtime: Runtime, programme_id: int, rulebook: Rulebook, since: date, until: date) -> Pieces:
    """Raises ExportsBusy or StorageUnavailable before the first line: it reads as much as an export does."""
    if not runtime.exports.acquire(blocking=False):
        raise ExportsBusy(running=EXPORTS_MAX, retry_after_seconds=BUSY_RETRY_AFTER_SECONDS)
    try:
        with runtime.reading() as connection:
            simulation = Simulation()
            for done, total in queries.simulate(
                connection, programme_id, simulation, rulebook, since=since, until=until
            ):
                yield msgspec.json.encode({"type": "progress", "done": done, "total": total}) + b"\n"
            budgets = queries.read_budgets_left(connection, programme_id)
            yield msgspec.json.encode(_summary_body(simulation, budgets)) + b"\n"
    finally:
        runtime.exports.release()


def _summary_body(simulation: Simulation, budgets: dict[Any, tuple[str, int]]) -> dict[str, Any]:
    """`budget_after` is what would be left of each budget if the difference were booked."""
    sponsors = sorted(simulation.sponsors_before.keys() | simulation.sponsors_after.keys())
    changes = {one: simulation.sponsors_after[one] - simulation.sponsors_before[one] for one in sponsors}
    return {
        "type": "summary",
        "awards": simulation.awards,
        "of_unknown_categories": simulation.unknown,
        "riders": simulation.riders,
        "points_before": simulation.before.total(),
        "points_after": simulation.after.total(),
        "winners": simulation.winners,
        "losers": simulation.losers,
        "categories": [
            {"category": code, "points_before": simulation.before[code], "points_after": simulation.after[code]}
            for code in sorted(simulation.before)
        ],
        "budgets": [
            {"sponsor": budgets[one][0], "change": -changes[one], "budget_after": budgets[one][1] - changes[one]}
            for one in sponsors
        ],
        "most_gained": [_difference_body(found) for found in simulation.most_gained],
        "most_lost": [_difference_body(found) for found in simulation.most_lost],
    }


def _difference_body(found: Difference) -> dict[str, Any]:
    return {
        "rider_code": found.rider_code,
        "points_before": found.before,
        "points_after": found.after,
        "change": found.change,
    }
