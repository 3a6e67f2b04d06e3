"""`points me`, the spending side: what I can afford, redeeming it, my redemptions and their vouchers."""

import sys
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from admin_cli.catalog import item_columns
from admin_cli.context import Run
from admin_cli.language import t
from admin_cli.options import All, DryRun, Key, Limit, Yes
from admin_cli.output import show_list, show_record, show_written, write_json
from admin_cli.paths import given, path
from admin_cli.printing.columns import Column, code, number, phrase, pick, piped, text
from admin_cli.printing.text import visible
from admin_cli.qr import print_voucher
from admin_cli.redemption import (
    PickUpAt,
    Points,
    RedemptionCode,
    Sku,
    StateFilter,
    ask_before_a_gift,
    ask_first,
    redemption_columns,
)

OWN_KEYS = {"rider_code", "rider_name", "requested_by", "rulebook_version", "id"}
"""What a rider knows, or does not ask."""

CAN = "✓"


def _can_words(offer: Mapping[str, Any]) -> str:
    """✓, or how many points are missing, or in short why not; in the API's order of reasons."""
    if offer.get("can_redeem"):
        return CAN
    if pick(offer, "item.stock.shelf") == 0:
        return t("没货", "no stock")
    if offer.get("limit_left") == 0:
        return t("次数用完", "limit reached")
    if missing := offer.get("points_missing"):
        return t(f"差 {missing:,} 分", f"{missing:,} short")
    return str(offer.get("reason") or "")


OFFER_COLUMNS = [
    *(column for column in item_columns("item.") if column.key in ("item.sku", "item.name", "item.price_points")),
    phrase("can_redeem", t("能换", "Can have"), _can_words, lambda offer: str(bool(offer.get("can_redeem"))).lower()),
    number("limit_left", t("还可换几次", "Times left")),
    *(column for column in item_columns("item.") if column.key in ("item.limit", "item.kind", "item.stock.shelf")),
    text("item.description", t("说明", "Description"), rank=7),
    piped("points_missing", t("差分", "Points missing")),
    text("reason", t("原因", "Reason"), rank=9),
]


def _own(columns: list[Column]) -> list[Column]:
    return [column for column in columns if column.key.rpartition(".")[2] not in OWN_KEYS]


LIST_COLUMNS = [*_own(redemption_columns()), code("voucher", t("券码", "Voucher"), rank=2)]
COLUMNS = _own(redemption_columns())
REDEEMED_COLUMNS = [
    *_own(redemption_columns("redemption.")),
    number("balances.available", t("可用积分", "My points")),
    number("balances.held", t("占用积分", "My held")),
    number("balances.owed", t("欠分", "I owe")),
]


def list_offers(
    ctx: typer.Context,
    affordable: Annotated[
        bool, typer.Option("--affordable", help=t("只要现在就能换的", "Only what I could have now"))
    ] = False,
    limit: Limit = None,
    everything: All = False,
) -> None:
    filters = given(affordable="true" if affordable else None)
    show_list(ctx.obj, path("me", "catalog"), OFFER_COLUMNS, params=filters, limit=limit, everything=everything)


def redeem(
    ctx: typer.Context,
    sku: Sku,
    station: PickUpAt = None,
    points: Points = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    key: Key = None,
) -> None:
    run: Run = ctx.obj
    where, body = path("me", "redemptions"), given(sku=sku, station=station, points=points)
    if not (yes or dry_run):
        ask_before_a_gift(run, where, body, REDEEMED_COLUMNS)
    answer = run.client().post(where, body, key=key, is_dry_run=dry_run)
    show_written(run, answer, REDEEMED_COLUMNS, is_dry_run=dry_run)
    if not dry_run:
        _show_voucher(run, answer.body["redemption"])


def list_redemptions(
    ctx: typer.Context, state: StateFilter = None, limit: Limit = None, everything: All = False
) -> None:
    where = path("me", "redemptions")
    show_list(ctx.obj, where, LIST_COLUMNS, params=given(state=state), limit=limit, everything=everything)


def show_redemption(ctx: typer.Context, redemption: RedemptionCode) -> None:
    run: Run = ctx.obj
    answer = run.client().get(path("me", "redemptions", redemption))
    if run.json:
        write_json(answer)
        return
    show_record(run, answer.body, COLUMNS)
    _show_voucher(run, answer.body)


def cancel_redemption(
    ctx: typer.Context,
    redemption: RedemptionCode,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="TEXT", help=t("理由，可以不填", "Why, if you like"))
    ] = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    key: Key = None,
) -> None:
    run: Run = ctx.obj
    where, body = path("me", "redemptions", redemption, "cancellation"), given(reason=reason)
    if not (yes or dry_run):
        name = visible(redemption)
        question = t(
            f"取消「{name}」？积分退回，以后不能恢复。", f"Cancel {name}? The points come back; it is for good."
        )
        ask_first(run, where, body, REDEEMED_COLUMNS, lambda preview: question)
    answer = run.client().post(where, body, key=key, is_dry_run=dry_run)
    show_written(run, answer, REDEEMED_COLUMNS, is_dry_run=dry_run)


def _show_voucher(run: Run, redemption: Mapping[str, Any]) -> None:
    """In a terminal, and while it is ready to be picked up; a pipe has it as a field."""
    if redemption.get("voucher") and sys.stdout.isatty() and not run.json:
        print_voucher(visible(str(redemption["voucher"])))


def add_redemption_commands(app: typer.Typer) -> None:
    """`catalog`, `redeem`, `redemptions`, `redemption` and `cancel` are verbs of `me`."""
    app.command("catalog", help=t("能换什么，还差多少分", "What there is for my points, and what is missing"))(
        list_offers
    )
    app.command(
        "redeem",
        help=t(
            "兑换一件商品\n马上占用积分；不用审批的立刻给券码。捐赠不能退，所以先问。",
            "Redeem points for an item\nThe points are held at once. What needs no approval gives its voucher now. "
            "A donation cannot be taken back, so it asks first.",
        ),
    )(redeem)
    app.command("redemptions", help=t("我的兑换，新的在前", "My redemptions, newest first"))(list_redemptions)
    app.command(
        "redemption", help=t("我的一张兑换单；可领取时画出券码", "One of my redemptions, with its voucher as a QR")
    )(show_redemption)
    app.command("cancel", help=t("取消还没领取的兑换，积分退回；先问", "Cancel what I have not picked up; asks first"))(
        cancel_redemption
    )
