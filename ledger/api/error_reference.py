"""Every error code with its status, meaning and remedy: the table behind docs/errors.md and /problems/{code}.

`python -m ledger.api.error_reference > docs/errors.md` writes the page; a test compares the two.
"""

import importlib
import pkgutil
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, fields

import ledger.api
import ledger.domain
import ledger.services
from ledger.api.errors import PLAIN_PROBLEMS, STATUS
from ledger.domain.errors import InvalidField, Refusal, Text, known_refusals


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """`detail` has places for the members' values in braces."""

    code: str
    status: int
    title: Text
    detail: Text
    members: tuple[str, ...]


PREFACE = """\
# 错误代码 · Error codes

出错时的答复是 `application/problem+json`（RFC 9457）：`type`、`title`、`status`、`detail`、`code`，再加上各代码的成员。
程序请认 `code`，它不会变；`title` 和 `detail` 是给人看的，按请求头 `Accept-Language` 用中文（默认）或英文。
批量请求的每一项各有自己的 `problem`。每个 `type`（`/problems/<code>`）都可以打开，内容与本页相同。

An error is answered as `application/problem+json` (RFC 9457): `type`, `title`, `status`, `detail`, `code`, and the
members of each code. Programs go by `code`, which does not change; `title` and `detail` are for people, in Chinese (the
default) or English as `Accept-Language` asks. In a bulk each item has its own `problem`. Each `type`
(`/problems/<code>`) can be opened and says what this page says.

401 carries `WWW-Authenticate: Bearer`; 429 and 503 carry `Retry-After` in seconds, also as `retry_after_seconds`.
本页由程序生成 · This page is written by `python -m ledger.api.error_reference > docs/errors.md`.
"""


def read_reference() -> list[Entry]:
    """By status, then code."""
    entries = [_entry_of(refusal) for refusal in known_refusals() if refusal.__module__.startswith("ledger.")]
    entries += [
        Entry(code=code, status=status, title=title, detail=detail, members=())
        for status, (code, title, detail) in PLAIN_PROBLEMS.items()
    ]
    return sorted(entries, key=lambda entry: (entry.status, entry.code))


def _entry_of(refusal: type[Refusal]) -> Entry:
    members = tuple(field.name for field in fields(refusal))
    detail = refusal.detail
    if refusal is InvalidField:
        # Its sentence is written where the fault is found, and only `field` is carried.
        members, detail = (
            ("field",),
            Text("{field}：哪里不对，应该怎么写。", "{field}: what is wrong, and what to write."),
        )
    return Entry(code=refusal.code, status=STATUS[refusal.kind], title=refusal.title, detail=detail, members=members)


def format_reference() -> Iterator[str]:
    """The page's lines."""
    yield PREFACE
    status = None
    for entry in read_reference():
        if entry.status != status:
            status = entry.status
            yield f"## {status}\n"
        yield f"### `{entry.code}`\n"
        yield f"**{entry.title.zh} · {entry.title.en}**\n"
        yield f"{_shown(entry.detail.zh)}<br>"
        yield f"{_shown(entry.detail.en)}\n"
        if entry.members:
            yield f"成员 · Members: {', '.join(f'`{member}`' for member in entry.members)}\n"


def _shown(detail: str) -> str:
    """Braces as code, so that a reader sees what is filled in."""
    return re.sub(r"\{(\w+)(![rs])?\}", r"`\1`", detail)


if __name__ == "__main__":
    # A refusal is known once its module is loaded; in the service all of them are.
    for package in (ledger.api, ledger.domain, ledger.services):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    sys.stdout.write("\n".join(format_reference()))
