"""Sends the batches in their order and counts what the server made of each row.

Nothing here can book a row twice: the natural key (source, external_id) makes a repeated row "unchanged", and a request
that is repeated under its key gets its first answer again.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol
from uuid import uuid4

import msgspec

from admin_cli.client import Answer
from admin_cli.exits import ExitCode
from admin_cli.failures import Failure
from admin_cli.importing.batches import MappedRow
from admin_cli.importing.problems import RowProblem
from admin_cli.importing.progress import ImportProgress
from admin_cli.importing.stop import StopRequest
from admin_cli.importing.summary import ImportSummary
from admin_cli.language import t
from admin_cli.printing.text import visible

IMPORTS_PATH = "/v1/imports"

OUTAGE_WAITS_SECONDS = (5.0, 10.0, 20.0, 30.0)
"""The client itself tries for three seconds. An import of half an hour should also outlive a restart of the service."""

REFUSED_FORMS_MAX = 100
"""A request that is malformed as a whole is halved until the row at fault stands alone. After this many such rows the
fault is not in the rows, and asking on would only take long."""


class Poster(Protocol):
    """What is needed of `admin_cli.client.Client`."""

    def post(
        self, path: str, body: Mapping[str, object], *, key: str | None = None, is_dry_run: bool = False
    ) -> Answer: ...


class Sender:
    def __init__(self, client: Poster, *, summary: ImportSummary, progress: ImportProgress, stop: StopRequest) -> None:
        self._client = client
        self._summary = summary
        self._progress = progress
        self._stop = stop
        self._refused_forms = 0

    def send(self, batches: Iterable[Sequence[MappedRow]]) -> bool:
        """True when all were sent, False when a stop was asked for. Raises Failure when the server cannot go on."""
        for batch in batches:
            if self._stop.is_asked:
                return False
            self._send_batch(batch)
            self._progress.advance(len(batch))
        return True

    def correct_enrolments(self, batches: Sequence[Sequence[MappedRow]]) -> None:
        """In a dry run an unknown rider whose rows fill several batches was counted as enrolled in each; count once."""
        counts = Counter(rider for batch in batches for rider in {row.item.rider_code for row in batch})
        for batch in batches:
            for row in batch:
                times = counts.pop(row.item.rider_code, 1)
                if times > 1:
                    enrolled: int = self._post([row]).body["riders_enrolled"]
                    self._summary.riders_enrolled -= enrolled * (times - 1)

    def _send_batch(self, batch: Sequence[MappedRow]) -> None:
        try:
            answer = self._post(batch)
        except Failure as failure:
            if failure.exit_code is not ExitCode.USAGE:
                raise
            self._send_halves(batch, failure)
        else:
            self._count(batch, answer.body)

    def _send_halves(self, batch: Sequence[MappedRow], failure: Failure) -> None:
        if len(batch) > 1:
            middle = len(batch) // 2
            self._send_batch(batch[:middle])
            self._send_batch(batch[middle:])
            return
        self._refused_forms += 1
        if self._refused_forms > REFUSED_FORMS_MAX:
            raise failure
        self._summary.problems[batch[0].line] = [RowProblem(failure.code or "invalid_request", failure.message)]

    def _post(self, batch: Sequence[MappedRow]) -> Answer:
        body = {"source": self._summary.source, "items": [msgspec.to_builtins(row.item) for row in batch]}
        key = uuid4().hex
        for wait in OUTAGE_WAITS_SECONDS:
            try:
                return self._client.post(IMPORTS_PATH, body, key=key, is_dry_run=self._summary.is_dry_run)
            except Failure as failure:
                if failure.exit_code is not ExitCode.UNAVAILABLE:
                    raise
                self._progress.say(
                    t(
                        f"服务器不可用，{wait:.0f} 秒后再试这一批。",
                        f"The server is not available; this batch is tried again in {wait:.0f} s.",
                    )
                )
                if self._stop.wait(wait):
                    raise
        return self._client.post(IMPORTS_PATH, body, key=key, is_dry_run=self._summary.is_dry_run)

    def _count(self, batch: Sequence[MappedRow], body: Mapping[str, Any]) -> None:
        summary = self._summary
        for row, item in zip(batch, body["items"], strict=True):
            if item["outcome"] == "refused":
                problem = item["problem"]
                text = visible(str(problem.get("detail") or problem.get("title")))
                summary.problems[row.line] = [RowProblem(visible(str(problem["code"])), text)]
                continue
            summary.states[row.item.state] += 1
        summary.booked += body["done"]
        summary.unchanged += body["unchanged"]
        summary.riders_enrolled += body["riders_enrolled"]
        summary.points_wanted += body["points_wanted"]
        summary.points_granted += body["points_granted"]
