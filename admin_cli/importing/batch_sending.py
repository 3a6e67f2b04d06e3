"""Sends batches of rows in their order, through outages and past rows that are malformed.

What a batch looks like as a request, and what its answer means, is for the subclass to say: `sending` for reports,
`admin_cli.sheets.sending` for tables.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar

from admin_cli.client import Answer
from admin_cli.exits import ExitCode
from admin_cli.failures import Failure
from admin_cli.importing.problems import RowProblem
from admin_cli.importing.progress import ImportProgress
from admin_cli.importing.stop import StopRequest
from admin_cli.language import t
from admin_cli.printing.text import visible

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


class SentRow(Protocol):
    """A row is reported under the line it came from."""

    @property
    def line(self) -> int: ...


Row = TypeVar("Row", bound=SentRow)


class BatchSender(ABC, Generic[Row]):
    """`problems` gets the rows that the server refused, by their lines."""

    def __init__(
        self,
        client: Poster,
        *,
        path: str,
        is_dry_run: bool,
        problems: dict[int, list[RowProblem]],
        progress: ImportProgress,
        stop: StopRequest,
    ) -> None:
        self._client = client
        self._path = path
        self._is_dry_run = is_dry_run
        self._problems = problems
        self._progress = progress
        self._stop = stop
        self._refused_forms = 0

    @abstractmethod
    def body_of(self, batch: Sequence[Row]) -> Mapping[str, object]:
        """The request's body."""

    @abstractmethod
    def key_of(self, batch: Sequence[Row]) -> str:
        """The key under which the batch may be sent again."""

    @abstractmethod
    def count(self, batch: Sequence[Row], answer: Answer) -> None:
        """Takes in what became of each row."""

    def send(self, batches: Iterable[Sequence[Row]]) -> bool:
        """True when all were sent, False when a stop was asked for. Raises Failure when the server cannot go on."""
        for batch in batches:
            if self._stop.is_asked:
                return False
            self._send_batch(batch)
            self._progress.advance(len(batch))
        return True

    def post(self, batch: Sequence[Row]) -> Answer:
        body, key = self.body_of(batch), self.key_of(batch)
        for wait in OUTAGE_WAITS_SECONDS:
            try:
                return self._client.post(self._path, body, key=key, is_dry_run=self._is_dry_run)
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
        return self._client.post(self._path, body, key=key, is_dry_run=self._is_dry_run)

    def refuse(self, row: Row, problem: Mapping[str, Any]) -> None:
        """The row did not go in, for the reason that the server gives."""
        text = visible(str(problem.get("detail") or problem.get("title")))
        self._problems[row.line] = [RowProblem(visible(str(problem["code"])), text)]

    def _send_batch(self, batch: Sequence[Row]) -> None:
        try:
            answer = self.post(batch)
        except Failure as failure:
            if failure.exit_code is not ExitCode.USAGE:
                raise
            self._send_halves(batch, failure)
        else:
            self.count(batch, answer)

    def _send_halves(self, batch: Sequence[Row], failure: Failure) -> None:
        if len(batch) > 1:
            middle = len(batch) // 2
            self._send_batch(batch[:middle])
            self._send_batch(batch[middle:])
            return
        self._refused_forms += 1
        if self._refused_forms > REFUSED_FORMS_MAX:
            raise failure
        self._problems[batch[0].line] = [RowProblem(failure.code or "invalid_request", failure.message)]
