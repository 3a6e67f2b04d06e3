"""Deciding redemptions from the command line: approve, reject, cancel. Handing over is in `fulfilment.py`.

One uses the single endpoint; many, or `--all`, the bulk form with a preview by item: what it does to points, to stock
and to the approvals that are still missing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from admin_cli.bulk import NAMES_MAX, Bulk, Row, Rows, do_many, read_names
from admin_cli.context import Run
from admin_cli.failures import usage_failure
from admin_cli.language import t
from admin_cli.options import DryRun, Key, Yes
from admin_cli.output import print_table, show_written
from admin_cli.paths import given, path
from admin_cli.printing.columns import code, number, pick, text, word
from admin_cli.printing.text import visible
from admin_cli.printing.words import OUTCOMES, REDEMPTION_STATES
from admin_cli.redemption import REDEEMED_COLUMNS, SkuFilter, StationFilter, ask_before_a_gift, ask_first
from admin_cli.terminal import say

HEADERS = ("code", "redemption", "redemption_code")
"""First cells of our own tab-separated lists, so that `points redemption list | points redemption approve -` works."""

ROWS_SHOWN_MAX = 20
"""More redemptions than this are shown by item: nobody reads a thousand lines before saying yes."""

OUTCOME_COLUMNS = [
    word("outcome", t("结果", "Outcome"), OUTCOMES),
    word("state", t("状态", "State"), REDEMPTION_STATES),
    code("rider_code", t("骑手", "Rider")),
    text("item_name", t("商品", "Item"), rank=2),
    number("points", t("积分", "Points")),
    code("station_code", t("驿站", "Station"), rank=3),
    number("approvals_missing", t("还缺审批", "Still missing"), rank=3),
    code("pick_up_by", t("最晚领取", "Pick up by"), rank=4),
    number("available", t("骑手可用", "Rider's points"), rank=5),
    code("sku", t("货号", "SKU"), rank=6),
    text("rider_name", t("姓名", "Name"), rank=6),
]
REDEMPTION_OUTCOME_COLUMNS = [code("redemption", t("兑换单", "Redemption")), *OUTCOME_COLUMNS]
BY_ITEM_COLUMNS = [
    code("sku", t("货号", "SKU")),
    text("item_name", t("商品", "Item"), rank=2),
    number("count", t("单数", "Redemptions")),
    number("points", t("积分", "Points")),
    number("vouchers", t("出券", "Vouchers")),
    number("approvals_missing", t("还缺审批", "Still missing")),
    number("refused", t("被拒", "Refused"), rank=2),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """`single` and `many` are the last segments of the two endpoints; `effect` says what the done rows do to points
    and stock."""

    single: str
    many: str
    question: Callable[[str], str]
    effect: Callable[[Rows], str]


def _effect_of_approval(done: Rows) -> str:
    ready = [row for row in done if row["state"] == "ready"]
    given_away = sum(row["points"] for row in done if row["state"] == "fulfilled")
    missing = sum(row["state"] == "requested" for row in done)
    words = [
        t(
            f"出券 {len(ready)} 张，{points_of(ready):,} 分占用到领取为止，库存不变（申请时已预留）",
            f"vouchers made: {len(ready)}; {points_of(ready):,} points stay held till pick-up, stock is reserved",
        )
    ]
    if given_away:
        words.append(t(f"捐出 {given_away:,} 分", f"{given_away:,} points are given away"))
    if missing:
        words.append(t(f"{missing} 单还要另一人审批", f"still to be approved by somebody else: {missing}"))
    return t("；", "; ").join(words)


def _effect_of_return(done: Rows) -> str:
    units = sum(row["station_code"] is not None for row in done)
    return t(
        f"{points_of(done):,} 分退回骑手，{units} 件退回货架",
        f"{points_of(done):,} points go back to the riders; units back on shelves: {units}",
    )


APPROVE = Verb(
    single="approval",
    many="approvals",
    question=lambda what: t(f"批准{what}？", f"Approve {what}?"),
    effect=_effect_of_approval,
)
REJECT = Verb(
    single="rejection",
    many="rejections",
    question=lambda what: t(f"驳回{what}？以后不能恢复。", f"Reject {what}? This cannot be undone."),
    effect=_effect_of_return,
)
CANCEL = Verb(
    single="cancellation",
    many="cancellations",
    question=lambda what: t(f"取消{what}？以后不能恢复。", f"Cancel {what}? This cannot be undone."),
    effect=_effect_of_return,
)

Redemptions = Annotated[
    list[str],
    typer.Argument(
        metavar="REDEMPTION", help=t("兑换单号，可以多个；- 从标准输入读", "Codes, one or many; - reads stdin")
    ),
]
SomeRedemptions = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="REDEMPTION", help=t("兑换单号，可以多个；- 从标准输入读", "Codes, one or many; - reads stdin")
    ),
]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help=t("理由，骑手看得到", "Why; the rider reads it"))]


def approve_redemptions(
    ctx: typer.Context,
    redemptions: SomeRedemptions = None,
    everything: Annotated[
        bool, typer.Option("--all", help=t("全部待审批的，先来的在前", "All that wait, oldest first"))
    ] = False,
    sku: SkuFilter = None,
    station: StationFilter = None,
    up_to: Annotated[
        int | None,
        typer.Option("--up-to", metavar="POINTS", min=1, help=t("不超过这么多积分的", "Only up to so many points")),
    ] = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    key: Key = None,
) -> None:
    run: Run = ctx.obj
    if everything == bool(redemptions) or (not everything and (sku or station or up_to)):
        raise usage_failure(
            t(
                "请给出兑换单号，或者用 --all（可再加 --sku、--station、--up-to）。",
                "Name the redemptions, or use --all (with --sku, --station or --up-to if you like).",
            )
        )
    if not everything:
        decide(run, APPROVE, redemptions or [], {}, yes=yes, dry_run=dry_run, key=key)
        return
    waiting = list(_read_waiting(run, given(sku=sku, station=station), up_to))
    if not waiting:
        say(t("没有符合条件的待审批兑换单。", "No such redemption waits for approval."))
        return
    known = {redemption["code"]: redemption for redemption in waiting}
    items = [{"redemption": found} for found in known]
    do_many(run, _bulk(APPROVE, known), items, yes=yes, dry_run=dry_run, key=key)


def reject_redemptions(
    ctx: typer.Context,
    redemptions: Redemptions,
    reason: Reason,
    yes: Yes = False,
    dry_run: DryRun = False,
    key: Key = None,
) -> None:
    decide(ctx.obj, REJECT, redemptions, {"reason": reason}, yes=yes, dry_run=dry_run, key=key)


def cancel_redemptions(
    ctx: typer.Context,
    redemptions: Redemptions,
    reason: Reason,
    yes: Yes = False,
    dry_run: DryRun = False,
    key: Key = None,
) -> None:
    decide(ctx.obj, CANCEL, redemptions, {"reason": reason}, yes=yes, dry_run=dry_run, key=key)


def decide(
    run: Run,
    verb: Verb,
    codes: Sequence[str],
    fields: Mapping[str, object],
    *,
    yes: bool,
    dry_run: bool,
    key: str | None,
) -> None:
    """Decides the redemptions of these codes; `fields` go with each. Raises a REFUSED failure when any was refused."""
    question = t("请输入兑换单号，一行一个，Ctrl-D 结束：", "Type the codes, one a line, and end with Ctrl-D:")
    found = read_names(codes, headers=HEADERS, question=question)
    if not found:
        raise usage_failure(t("没有给出兑换单号。", "No redemption's code was given."))
    if len(found) > 1:
        items = [{"redemption": redemption, **fields} for redemption in found]
        do_many(run, _bulk(verb, {}), items, yes=yes, dry_run=dry_run, key=key)
        return
    where = path("redemptions", found[0], verb.single)
    if not (yes or dry_run):
        if verb is APPROVE:
            ask_before_a_gift(run, where, fields, REDEEMED_COLUMNS)
        else:
            what = t(f"「{visible(found[0])}」", visible(found[0]))
            ask_first(run, where, fields, REDEEMED_COLUMNS, lambda preview: verb.question(what))
    answer = run.client().post(where, fields, key=key, is_dry_run=dry_run)
    show_written(run, answer, REDEEMED_COLUMNS, is_dry_run=dry_run)


def _read_waiting(run: Run, filters: Mapping[str, object], up_to: int | None) -> Iterable[dict[str, Any]]:
    count = 0
    for page in run.client().pages(
        path("redemptions"), {"state": "requested", "order": "oldest", **filters}, limit=None
    ):
        for redemption in page.body["items"]:
            if up_to is None or redemption["points"] <= up_to:
                count += 1
                yield redemption
        if count >= NAMES_MAX:
            say(t(f"只取最早的 {count:,} 单。", f"Only the oldest {count:,} are taken."))
            return


def _bulk(verb: Verb, known: Mapping[str, Mapping[str, Any]]) -> Bulk:
    """`known` are redemptions as they were listed: of one that is refused the answer says nothing but why."""

    def make_row(item: Mapping[str, object], outcome: Mapping[str, Any]) -> Row:
        redemption = outcome.get("redemption") or known.get(str(item["redemption"])) or {}
        return {"redemption": redemption.get("code") or item["redemption"], **row_of(redemption, outcome)}

    return Bulk(
        where=path("redemptions", verb.many),
        name="redemption",
        columns=REDEMPTION_OUTCOME_COLUMNS,
        make_row=make_row,
        summarize=lambda rows, is_preview: summarize(verb.effect, rows, is_preview),
        question=lambda done: verb.question(t(f"这 {done} 单", f"these {done}")),
        show_first=_show_by_item,
        rows_shown_max=ROWS_SHOWN_MAX,
    )


def row_of(redemption: Mapping[str, Any], outcome: Mapping[str, Any]) -> Row:
    is_waiting = redemption.get("state") == "requested"
    missing = int(redemption.get("approvals_required") or 0) - len(redemption.get("approvals") or [])
    return {
        "state": redemption.get("state"),
        "rider_code": redemption.get("rider_code"),
        "rider_name": redemption.get("rider_name"),
        "sku": redemption.get("sku"),
        "item_name": redemption.get("item_name"),
        "points": redemption.get("points"),
        "station_code": redemption.get("station_code"),
        "pick_up_by": redemption.get("pick_up_by"),
        "approvals_missing": missing if is_waiting else None,
        "available": pick(outcome, "balances.available"),
    }


def _show_by_item(rows: Rows, is_error: bool) -> None:
    """The table by item."""
    items: dict[str, Row] = {}
    for row in rows:
        sku = str(row["sku"] or "–")
        empty = {"sku": sku, "item_name": row["item_name"], "count": 0, "points": 0, "vouchers": 0, "refused": 0}
        line = items.setdefault(sku, {**empty, "approvals_missing": 0})
        if row["outcome"] == "refused":
            line["refused"] += 1
            continue
        line["count"] += 1
        line["points"] += row["points"]
        line["vouchers"] += row["state"] == "ready"
        line["approvals_missing"] += row["approvals_missing"] or 0
    lines = sorted(items.values(), key=lambda line: str(line["sku"]))
    print_table(BY_ITEM_COLUMNS, lines, ZoneInfo("UTC"), is_error=is_error)


def summarize(effect: Callable[[Rows], str], rows: Rows, is_preview: bool) -> str:
    done = [row for row in rows if row["outcome"] == "done"]
    refused = len(rows) - len(done)
    counts = (
        t(f"{len(done)} 单可以办，{refused} 单会被拒", f"{len(done)} would be done, {refused} would be refused")
        if is_preview
        else t(f"办成 {len(done)} 单，{refused} 单被拒", f"{len(done)} done, {refused} refused")
    )
    return t("；", "; ").join([counts, effect(done)]) if done else counts


def points_of(rows: Rows) -> int:
    return sum(int(row["points"]) for row in rows)


def add_decision_commands(app: typer.Typer) -> None:
    """`approve`, `reject` and `cancel` are verbs of the noun."""
    app.command(
        "approve",
        help=t(
            "批准兑换\n一张直接办（捐赠先问）；多张或 --all 先按商品预演给您看，确认后再办。自己申请的不能自己批。",
            "Approve redemptions\nOne is done at once (a donation is asked about). Many, or --all, are previewed by "
            "item first. Nobody approves what they requested.",
        ),
    )(approve_redemptions)
    app.command(
        "reject", help=t("驳回申请，积分和库存退回；不能恢复，所以先问", "Reject requests, giving all back; asks first")
    )(reject_redemptions)
    app.command(
        "cancel",
        help=t(
            "取消还没领取的兑换，积分和库存退回；先问", "Cancel what was not picked up, giving all back; asks first"
        ),
    )(cancel_redemptions)
