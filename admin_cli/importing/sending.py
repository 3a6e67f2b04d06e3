"""Sends reports in their order and counts what the server made of each row.

Nothing here can book a row twice: the natural key (source, external_id) makes a repeated row "unchanged", and a request
that is repeated under its key gets its first answer again.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import uuid4

import msgspec

from admin_cli.client import Answer
from admin_cli.importing.batch_sending import BatchSender, Poster
from admin_cli.importing.batches import MappedRow
from admin_cli.importing.progress import ImportProgress
from admin_cli.importing.stop import StopRequest
from admin_cli.importing.summary import ImportSummary

IMPORTS_PATH = "/v1/imports"


class Sender(BatchSender[MappedRow]):
    def __init__(self, client: Poster, *, summary: ImportSummary, progress: ImportProgress, stop: StopRequest) -> None:
        super().__init__(
            client,
            path=IMPORTS_PATH,
            is_dry_run=summary.is_dry_run,
            problems=summary.problems,
            progress=progress,
            stop=stop,
        )
        self._summary = summary

    def body_of(self, batch: Sequence[MappedRow]) -> Mapping[str, object]:
        return {"source": self._summary.source, "items": [msgspec.to_builtins(row.item) for row in batch]}

    def key_of(self, batch: Sequence[MappedRow]) -> str:
        return uuid4().hex

    def count(self, batch: Sequence[MappedRow], answer: Answer) -> None:
        summary, body = self._summary, answer.body
        for row, item in zip(batch, body["items"], strict=True):
            if item["outcome"] == "refused":
                self.refuse(row, item["problem"])
                continue
            summary.states[row.item.state] += 1
        summary.booked += body["done"]
        summary.unchanged += body["unchanged"]
        summary.riders_enrolled += body["riders_enrolled"]
        summary.points_wanted += body["points_wanted"]
        summary.points_granted += body["points_granted"]

    def correct_enrolments(self, batches: Sequence[Sequence[MappedRow]]) -> None:
        """In a dry run an unknown rider whose rows fill several batches was counted as enrolled in each; count once."""
        counts = Counter(rider for batch in batches for rider in {row.item.rider_code for row in batch})
        for batch in batches:
            for row in batch:
                times = counts.pop(row.item.rider_code, 1)
                if times > 1:
                    enrolled: int = self.post([row]).body["riders_enrolled"]
                    self._summary.riders_enrolled -= enrolled * (times - 1)
