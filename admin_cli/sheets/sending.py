"""Sends the rows of a table and counts what became of each.

A plan that books a file once makes its keys from the file's content and the place in it. A file that is sent again is
then answered as it was the first time, and nothing is done twice. Refused rows too keep their answer: they may have
gone in since by way of the bad-rows file. Only who asks for it has them tried again, under the next key in a chain, of
which each link follows from the stored answers before it.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from admin_cli.client import Answer
from admin_cli.importing.batch_sending import BatchSender, Poster
from admin_cli.importing.progress import ImportProgress
from admin_cli.importing.stop import StopRequest
from admin_cli.printing.columns import pick
from admin_cli.sheets.rows import PreparedRow
from admin_cli.sheets.summary import SheetSummary

ATTEMPTS_MAX = 100
"""How often the refused rows of one file are tried again in all: who needs more has another problem."""


class SheetSender(BatchSender[PreparedRow]):
    """`digest` is of the file's content; None when each run stands for itself. `retries` refused rows, if asked to."""

    def __init__(
        self,
        client: Poster,
        *,
        path: str,
        digest: str | None,
        retries: bool = False,
        summary: SheetSummary,
        progress: ImportProgress,
        stop: StopRequest,
    ) -> None:
        super().__init__(
            client,
            path=path,
            is_dry_run=summary.is_dry_run,
            problems=summary.problems,
            progress=progress,
            stop=stop,
        )
        self._digest = digest
        self._retries = retries
        self._summary = summary
        self._attempt = 0
        self._whole_spans: dict[tuple[int, int], tuple[int, int]] = {}

    def body_of(self, batch: Sequence[PreparedRow]) -> Mapping[str, object]:
        return {"items": [row.item for row in batch]}

    def key_of(self, batch: Sequence[PreparedRow]) -> str:
        """The window's own key, whichever of its rows are good: other rows under it are refused by the API, not done.

        Parts of a batch, sent because the whole was malformed, add their lines.
        """
        if self._digest is None:
            return uuid4().hex
        window, span = batch[0].window, (batch[0].line, batch[-1].line)
        key = f"sheet-{self._digest}-{window}-{self._attempt}"
        is_whole = self._whole_spans.setdefault((window, self._attempt), span) == span
        return key if is_whole else f"{key}-{span[0]}-{span[1]}"

    def count(self, batch: Sequence[PreparedRow], answer: Answer) -> None:
        was_done_before = answer.is_replay and self._digest is not None
        refused = []
        for row, outcome in zip(batch, answer.body["items"], strict=True):
            if outcome["outcome"] == "refused":
                self.refuse(row, outcome["problem"])
                refused.append(row)
            else:
                self._count_done(row, outcome, was_done_before=was_done_before)
        if not (refused and was_done_before):
            return
        if not self._retries or self._attempt == ATTEMPTS_MAX:
            self._summary.refused_before += len(refused)
        else:
            self._attempt += 1
            self._send_batch(refused)
            self._attempt -= 1

    def _count_done(self, row: PreparedRow, outcome: Mapping[str, Any], *, was_done_before: bool) -> None:
        summary = self._summary
        summary.problems.pop(row.line, None)  # of an earlier attempt
        change = "unchanged" if was_done_before else outcome.get("change", "created")
        if change == "created":
            summary.created += 1
        elif change == "changed":
            summary.changed += 1
        else:
            summary.unchanged += 1
        if summary.points is not None and not was_done_before:
            summary.points += pick(outcome, "redemption.points") or 0


def digest_of(path: Path) -> str:
    """Of the whole content, hexadecimal, short enough for a key. Raises OSError."""
    import hashlib

    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
