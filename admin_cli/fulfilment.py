"""`points redemption fulfil`: a voucher is handed in, the goods are handed over.

One voucher, many of them, or a scanner at the counter: then each voucher is shown, asked about and done as it is
scanned. A voucher that is refused never stops the queue.
"""

import sys
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from admin_cli.bulk import FROM_STDIN, Bulk, Rows, do_many, read_names
from admin_cli.context import Run
from admin_cli.exits import ExitCode
from admin_cli.failures import Failure, usage_failure
from admin_cli.language import t
from admin_cli.options import DryRun, Key, Yes
from admin_cli.output import print_record, show_written, write_fields, write_json
from admin_cli.paths import path
from admin_cli.printing.columns import code, pick
from admin_cli.printing.text import visible
from admin_cli.redemption import PICK_UP_KEYS, REDEEMED_COLUMNS, ask_first
from admin_cli.redemption_decisions import OUTCOME_COLUMNS, points_of, row_of, summarize
from admin_cli.terminal import confirm, say

HEADERS = ("voucher",)
ONE_VOUCHER_EXITS = (ExitCode.REFUSED, ExitCode.USAGE, ExitCode.NOT_FOUND)
"""What is wrong with one voucher; anything else is wrong with all."""

HELP = t(
    "凭券码交付\n先显示是谁的、是什么，确认后才交付。用 - 接扫码枪：扫一张办一张，Ctrl-D 结束。",
    "Hand over for vouchers\nFirst it shows whose and for what, and asks. With - a scanner is served: one voucher "
    "after another, until Ctrl-D.",
)

COLUMNS = [
    code("voucher", t("券码", "Voucher")),
    *OUTCOME_COLUMNS,
    code("redemption", t("兑换单", "Redemption"), rank=4),
]
PICK_UP_COLUMNS = [column for column in REDEEMED_COLUMNS if column.key.removeprefix("redemption.") in PICK_UP_KEYS]
"""Before the question. Not the state, which a preview says as it would be."""

Vouchers = Annotated[
    list[str],
    typer.Argument(
        metavar="VOUCHER",
        help=t("券码，可以多个；- 是扫码枪或标准输入", "Voucher codes, one or many; - is a scanner, or stdin"),
    ),
]


def fulfil_redemptions(
    ctx: typer.Context, vouchers: Vouchers, yes: Yes = False, dry_run: DryRun = False, key: Key = None
) -> None:
    run: Run = ctx.obj
    if vouchers == [FROM_STDIN] and sys.stdin.isatty():
        _serve_counter(run, yes=yes, dry_run=dry_run, key=key)
        return
    question = t("请输入券码，一行一张，Ctrl-D 结束：", "Type the vouchers' codes, one a line, and end with Ctrl-D:")
    found = read_names(vouchers, headers=HEADERS, question=question, has_blanks=True)
    if not found:
        raise usage_failure(t("没有给出券码。", "No voucher was given."))
    if len(found) > 1:
        do_many(run, FULFIL, [{"voucher": voucher} for voucher in found], yes=yes, dry_run=dry_run, key=key)
        return
    where, body = path("fulfilments"), {"voucher": found[0]}
    if not (yes or dry_run):
        ask_first(run, where, body, PICK_UP_COLUMNS, _question)
    answer = run.client().post(where, body, key=key, is_dry_run=dry_run)
    show_written(run, answer, REDEEMED_COLUMNS, is_dry_run=dry_run)


def _serve_counter(run: Run, *, yes: bool, dry_run: bool, key: str | None) -> None:
    """One voucher after another until the end of input. Raises a REFUSED failure when any was refused."""
    refused = 0
    ask = t("扫码或输入券码（Ctrl-D 结束）：", "Scan or type a voucher (Ctrl-D ends):")
    say(ask)
    # Not by iterating over stdin, which would read ahead of the answers to the questions.
    for number, line in enumerate(iter(sys.stdin.readline, ""), start=1):
        if voucher := line.strip():
            try:
                _serve_one(run, voucher, yes=yes, dry_run=dry_run, key=f"{key}-{number}" if key else None)
            except Failure as failure:
                if failure.exit_code not in ONE_VOUCHER_EXITS:
                    raise
                refused += 1
                say(f"✗ {failure}")
            say(ask)
    if refused:
        raise Failure(t(f"{refused} 张被拒。", f"{refused} refused."), ExitCode.REFUSED)


def _serve_one(run: Run, voucher: str, *, yes: bool, dry_run: bool, key: str | None) -> None:
    where, body = path("fulfilments"), {"voucher": voucher}
    if dry_run or not yes:
        preview = run.client().post(where, body, is_dry_run=True)
        print_record(PICK_UP_COLUMNS, preview.body, run.zone(), is_error=True)
        if dry_run:
            say(t("这是预演，什么都没有保存。", "This was a try: nothing was stored."))
            return
        if not confirm(_question(preview.body)):
            say(t("没有做任何改动。", "Nothing was changed."))
            return
    answer = run.client().post(where, body, key=key)
    if run.json:
        write_json(answer)
    elif sys.stdout.isatty():
        redemption = answer.body["redemption"]
        item, rider = visible(str(redemption["item_name"])), _rider(redemption)
        print(t(f"✓ 已交付：{item} → {rider}", f"✓ Handed over: {item} → {rider}"))
    else:
        write_fields(answer.body, run.zone())


def _question(preview: Mapping[str, Any]) -> str:
    item, rider = visible(str(pick(preview, "redemption.item_name"))), _rider(preview["redemption"])
    return t(f"把「{item}」交给 {rider}？以后不能恢复。", f"Hand {item} to {rider}? This cannot be undone.")


def _rider(redemption: Mapping[str, Any]) -> str:
    return visible(f"{redemption['rider_code']} {redemption['rider_name']}".strip())


def _effect(done: Rows) -> str:
    units = sum(row["station_code"] is not None for row in done)
    return t(
        f"交付 {units} 件，扣除 {points_of(done):,} 分",
        f"units handed over: {units}; {points_of(done):,} points are taken",
    )


FULFIL = Bulk(
    where=path("fulfilments", "bulk"),
    name="voucher",
    columns=COLUMNS,
    make_row=lambda item, outcome: {
        "voucher": item["voucher"],
        "redemption": pick(outcome, "redemption.code"),
        **row_of(outcome.get("redemption") or {}, outcome),
    },
    summarize=lambda rows, is_preview: summarize(_effect, rows, is_preview),
    question=lambda done: t(
        f"这 {done} 件都交给本人？以后不能恢复。", f"Hand over these {done}? This cannot be undone."
    ),
)
