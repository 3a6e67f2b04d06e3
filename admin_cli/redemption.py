"""`points redemption`: what riders redeem, requesting for them, and their vouchers. Decisions are in modules beside."""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import typer

from admin_cli.context import Run
from admin_cli.language import t
from admin_cli.options import All, DryRun, Key, Limit, Yes
from admin_cli.output import print_record, show_list, show_record, show_with_rows, show_written, write_json
from admin_cli.paths import given, path
from admin_cli.printing.columns import NOTHING, Column, code, moment, number, phrase, pick, piped, text, word
from admin_cli.printing.times import offset_time, short_time
from admin_cli.printing.words import ITEM_KINDS, REDEMPTION_STATES
from admin_cli.qr import print_voucher, write_svg
from admin_cli.terminal import check_can_confirm, say, stop_unless_confirmed

app = typer.Typer(help=t("兑换：申请、审批、券码、交付", "Redemptions: request, approval, voucher, handing over"))

State = Literal["requested", "ready", "fulfilled", "rejected", "cancelled", "lapsed"]
Order = Literal["newest", "oldest"]


def approvals_words(redemption: Mapping[str, Any]) -> str:
    """1/2: given and needed; nothing where nobody has to approve."""
    needed = redemption.get("approvals_required")
    return f"{len(redemption.get('approvals') or [])}/{needed}" if needed else ""


def _approvers(redemption: Mapping[str, Any]) -> str:
    return ", ".join(str(approval.get("approved_by")) for approval in redemption.get("approvals") or [])


def _overdue_words(redemption: Mapping[str, Any]) -> str:
    """Only where it is: nearly nothing ever is."""
    return t("超时", "overdue") if redemption.get("is_overdue") else ""


def _overdue_raw(redemption: Mapping[str, Any]) -> str:
    return str(bool(redemption.get("is_overdue"))).lower()


def _decide_due(redemption: Mapping[str, Any], zone: ZoneInfo) -> str:
    """Only while it waits: afterwards the promise is kept or broken, and a date to come would look like one more."""
    if redemption.get("state") != "requested":
        return NOTHING
    return short_time(str(redemption.get("decide_due_at")), zone)


def _decide_due_raw(redemption: Mapping[str, Any], zone: ZoneInfo) -> str:
    return offset_time(str(redemption.get("decide_due_at")), zone)


def redemption_columns(prefix: str = "") -> list[Column]:
    """Columns of a redemption; `prefix` where it stands inside an answer, such as `redemption.`."""
    return [
        code(f"{prefix}code", t("兑换单", "Redemption")),
        word(f"{prefix}state", t("状态", "State"), REDEMPTION_STATES),
        code(f"{prefix}rider_code", t("骑手", "Rider")),
        text(f"{prefix}rider_name", t("姓名", "Name"), rank=6),
        code(f"{prefix}sku", t("货号", "SKU"), rank=5),
        text(f"{prefix}item_name", t("商品", "Item"), rank=2),
        word(f"{prefix}kind", t("类别", "Kind"), ITEM_KINDS, rank=8),
        number(f"{prefix}points", t("积分", "Points")),
        code(f"{prefix}station_code", t("驿站", "Station"), rank=4),
        text(f"{prefix}station_name", t("驿站名称", "Station name"), rank=7),
        phrase(f"{prefix}approvals", t("审批", "Approvals"), approvals_words, _approvers, rank=3),
        moment(f"{prefix}requested_at", t("申请时间", "Requested"), rank=3),
        Column(
            key=f"{prefix}decide_due_at",
            title=t("审批期限", "Decide by"),
            show=_decide_due,
            raw=_decide_due_raw,
            rank=6,
            is_phrase=True,
        ),
        phrase(f"{prefix}is_overdue", t("已超时", "Overdue"), _overdue_words, _overdue_raw, rank=5),
        code(f"{prefix}pick_up_by", t("最晚领取", "Pick up by"), rank=5),
        code(f"{prefix}requested_by", t("申请人", "Requested by"), rank=7),
        moment(f"{prefix}ready_at", t("可领时间", "Ready"), rank=7),
        moment(f"{prefix}closed_at", t("办结时间", "Closed"), rank=7),
        code(f"{prefix}closed_by", t("办结人", "Closed by"), rank=7),
        text(f"{prefix}reason", t("理由", "Reason"), rank=8),
        piped(f"{prefix}approvals_required", t("需批人数", "Approvals needed")),
        number(f"{prefix}rulebook_version", t("规则版本", "Rulebook"), rank=9),
        code(f"{prefix}id", "ID", rank=10),
    ]


COLUMNS = redemption_columns()

APPROVAL_COLUMNS = [
    code("approved_by", t("批准人", "Approved by")),
    moment("approved_at", t("批准时间", "Approved"), rank=1),
]

REDEEMED_COLUMNS = [
    *redemption_columns("redemption."),
    number("balances.available", t("骑手可用", "Rider's points")),
    number("balances.held", t("骑手占用", "Rider's held")),
    number("balances.owed", t("骑手欠分", "Rider owes")),
]

RedemptionCode = Annotated[str, typer.Argument(metavar="REDEMPTION", help=t("兑换单号", "The redemption's code"))]
RiderFilter = Annotated[str | None, typer.Option("--rider", metavar="RIDER", help=t("骑手编号", "The rider's code"))]
SkuFilter = Annotated[str | None, typer.Option("--sku", metavar="SKU", help=t("货号", "The item's SKU"))]
StationFilter = Annotated[
    str | None, typer.Option("--station", metavar="CODE", help=t("驿站编号", "The station's code"))
]
StateFilter = Annotated[
    State | None,
    typer.Option(
        "--state",
        metavar="STATE",
        help=t(
            "状态：待审批 requested、待领取 ready、已领取 fulfilled、驳回 rejected、取消 cancelled、逾期 lapsed",
            "State: requested, ready, fulfilled, rejected, cancelled, lapsed",
        ),
    ),
]
Sku = Annotated[str, typer.Argument(metavar="SKU", help=t("货号，例如 G-001", "The item's SKU, such as G-001"))]
PickUpAt = Annotated[
    str | None,
    typer.Option(
        "--station",
        metavar="CODE",
        help=t("在哪个驿站领；只有一个有货就不用写", "Where to pick it up; needed where several stations have it"),
    ),
]
Points = Annotated[
    int | None,
    typer.Option("--points", metavar="N", min=1, help=t("捐多少分（只用于捐赠）", "Points to give (donations only)")),
]


@app.command("list", help=t("列出兑换单", "List redemptions"))
def list_redemptions(
    ctx: typer.Context,
    state: StateFilter = None,
    rider: RiderFilter = None,
    sku: SkuFilter = None,
    station: StationFilter = None,
    overdue: Annotated[
        bool, typer.Option("--overdue", help=t("只要过了期限还没审批的", "Only those undecided after their time"))
    ] = False,
    order: Annotated[
        Order | None,
        typer.Option("--order", metavar="newest|oldest", help=t("次序，默认新的在前", "Newest first if not given")),
    ] = None,
    limit: Limit = None,
    everything: All = False,
) -> None:
    filters = given(
        state=state, rider=rider, sku=sku, station=station, overdue="true" if overdue else None, order=order
    )
    show_list(ctx.obj, path("redemptions"), COLUMNS, params=filters, limit=limit, everything=everything)


@app.command("show", help=t("查看一张兑换单，和谁批准了它", "Show one redemption, and who approved it"))
def show_redemption(ctx: typer.Context, redemption: RedemptionCode) -> None:
    run: Run = ctx.obj
    show_with_rows(run, run.client().get(path("redemptions", redemption)), COLUMNS, APPROVAL_COLUMNS, "approvals")


@app.command(
    "request",
    help=t(
        "替骑手申请兑换\n占用积分和一件库存；谁申请的谁就不能审批。捐赠不能退，所以先问。",
        "Redeem for a rider\nHolds the points and a unit; whoever requests cannot approve. "
        "A donation cannot be taken back, so it asks first.",
    ),
)
def request_redemption(
    ctx: typer.Context,
    sku: Sku,
    rider: Annotated[str, typer.Option("--rider", metavar="RIDER", help=t("骑手编号", "The rider's code"))],
    station: PickUpAt = None,
    points: Points = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    key: Key = None,
) -> None:
    run: Run = ctx.obj
    body = given(rider_code=rider, sku=sku, station=station, points=points)
    where = path("redemptions")
    if not (yes or dry_run):
        ask_before_a_gift(run, where, body, REDEEMED_COLUMNS)
    answer = run.client().post(where, body, key=key, is_dry_run=dry_run)
    show_written(run, answer, REDEEMED_COLUMNS, is_dry_run=dry_run)


@app.command(
    "voucher",
    help=t(
        "待领取的兑换单的券码，给没有手机的骑手\n终端里画成二维码；管道里只有券码。谁拿到它，谁就能领走东西。",
        "The voucher of a ready redemption, for a rider without a phone\n"
        "A QR in a terminal, only the code in a pipe. Whoever has it can fetch the goods.",
    ),
)
def show_voucher(
    ctx: typer.Context,
    redemption: RedemptionCode,
    svg: Annotated[
        Path | None,
        typer.Option("--svg", metavar="FILE", help=t("二维码另存成图片（SVG）", "Write the QR as a picture (SVG)")),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help=t("文件已存在时直接覆盖，不再询问", "Overwrite a file without asking"))
    ] = False,
) -> None:
    run: Run = ctx.obj
    answer = run.client().get(path("redemptions", redemption, "voucher"))
    voucher = str(answer.body["voucher"])
    if svg is not None:
        write_svg(voucher, svg, yes=yes)
    if run.json:
        write_json(answer)
    elif not sys.stdout.isatty():
        print(voucher)
    else:
        show_record(run, answer.body["redemption"], PICK_UP_COLUMNS)
        print_voucher(voucher)
    if svg is not None:
        say(t(f"二维码已存为 {svg}。", f"The QR is in {svg}."))


PICK_UP_KEYS = ("code", "rider_code", "rider_name", "item_name", "points", "station_name", "pick_up_by")
PICK_UP_COLUMNS = [column for column in COLUMNS if column.key in PICK_UP_KEYS]
"""What somebody at the counter compares."""


def ask_before_a_gift(run: Run, where: str, body: Mapping[str, object], columns: Sequence[Column]) -> None:
    """A redemption that ends at once is a donation and cannot be cancelled: it is shown first, with a question."""
    ask_first(
        run,
        where,
        body,
        columns,
        lambda preview: t(
            f"捐出 {pick(preview, 'redemption.points'):,} 分？以后不能退回。",
            f"Give {pick(preview, 'redemption.points'):,} points away? This cannot be undone.",
        ),
        only_if=lambda preview: pick(preview, "redemption.state") == "fulfilled",
    )


def ask_first(
    run: Run,
    where: str,
    body: Mapping[str, object],
    columns: Sequence[Column],
    question: Callable[[Mapping[str, Any]], str],
    *,
    only_if: Callable[[Mapping[str, Any]], bool] | None = None,
) -> None:
    """Tries it, shows what it would be, and ends the command unless the person agrees. `only_if` says of the preview
    whether there is anything to ask."""
    if only_if is None:
        check_can_confirm()
    preview = run.client().post(where, body, is_dry_run=True)
    if only_if is not None and not only_if(preview.body):
        return
    check_can_confirm()
    print_record(columns, preview.body, run.zone(), is_error=True)
    stop_unless_confirmed(question(preview.body))
