"""`points catalog`: what points buy, what is in stock where, and units that come in."""

import re
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal
from zoneinfo import ZoneInfo

import typer

from admin_cli.context import Run
from admin_cli.exits import ExitCode
from admin_cli.failures import Failure, usage_failure
from admin_cli.language import t
from admin_cli.options import All, DryRun, Key, Limit
from admin_cli.output import print_table, show_list, show_with_rows, show_written
from admin_cli.paths import given, path
from admin_cli.printing.columns import Column, code, flag, number, phrase, pick, text, word
from admin_cli.printing.text import visible
from admin_cli.printing.times import ask_day
from admin_cli.printing.words import CHANGES, ITEM_KINDS, PERIODS
from admin_cli.sheets.catalog import add_sheet_commands
from admin_cli.terminal import say

if TYPE_CHECKING:
    from admin_cli.client import Client

app = typer.Typer(help=t("商品目录：积分能换什么，各驿站的库存", "The catalogue: what points buy, and its stock"))

Kind = Literal["goods", "service", "voucher", "donation"]
Period = Literal["day", "week", "month", "quarter", "year", "ever"]

LIMIT = re.compile(r"([1-9][0-9]{0,6})/(day|week|month|quarter|year|ever)")
NOTHING_WANTED = "none"
"""What a person types to take a value away: leaving the option out keeps it."""


def limit_words(item: Mapping[str, Any]) -> str:
    """每人每月 4 次; nothing where there is no limit."""
    count, period = item.get("limit_count"), item.get("limit_period")
    if count is None or period is None:
        return ""
    often = PERIODS.get(period, str(period))
    return t(f"每人{often} {count:,} 次", f"{count:,} each {often}")


def price_words(item: Mapping[str, Any]) -> str:
    """A donation's price is only the least that can be given."""
    price = item.get("price_points")
    if not isinstance(price, int):
        return ""
    return f"≥ {price:,}" if item.get("kind") == "donation" else f"{price:,}"


def _limit_raw(item: Mapping[str, Any]) -> str:
    """4/month, as `set --limit` takes it."""
    return f"{item.get('limit_count')}/{item.get('limit_period')}" if item.get("limit_count") else ""


def item_columns(prefix: str = "") -> list[Column]:
    """Columns of an item; `prefix` where it stands inside an answer, such as `item.`."""
    return [
        code(f"{prefix}sku", t("货号", "SKU")),
        text(f"{prefix}name", t("名称", "Name"), rank=2),
        word(f"{prefix}kind", t("类别", "Kind"), ITEM_KINDS, rank=4),
        phrase(
            f"{prefix}price_points",
            t("积分", "Points"),
            price_words,
            lambda item: str(item.get("price_points")),
            is_right=True,
        ),
        phrase(f"{prefix}limit", t("限兑", "Limit"), limit_words, _limit_raw, rank=2),
        number(f"{prefix}stock.shelf", t("在架", "On shelf"), rank=2),
        number(f"{prefix}stock.reserved", t("预留", "Reserved"), rank=4),
        number(f"{prefix}stock.delivered", t("已交付", "Delivered"), rank=6),
        flag(f"{prefix}is_active", t("在售", "On offer"), rank=3),
        number(f"{prefix}reorder_point", t("补货线", "Reorder at"), rank=6),
        code(f"{prefix}active_from", t("开始日期", "From"), rank=5),
        code(f"{prefix}active_until", t("结束日期", "Until"), rank=5),
        flag(f"{prefix}is_stocked", t("计库存", "Stocked"), rank=8),
        text(f"{prefix}description", t("说明", "Description"), rank=9),
        text(f"{prefix}picture_url", t("图片", "Picture"), rank=10),
    ]


COLUMNS = item_columns()

PUT_COLUMNS = [*item_columns("item."), word("change", t("结果", "Outcome"), CHANGES)]
RESTOCKED_COLUMNS = [*item_columns("item."), code("transaction_id", t("交易", "Transaction"))]

STATION_COLUMNS = [
    code("code", t("驿站", "Station")),
    text("name", t("名称", "Name"), rank=2),
    number("shelf", t("在架", "On shelf")),
    number("reserved", t("预留", "Reserved")),
]

Sku = Annotated[str, typer.Argument(metavar="SKU", help=t("货号，例如 G-001", "The item's SKU, such as G-001"))]
Station = Annotated[str | None, typer.Option("--station", metavar="CODE", help=t("驿站编号", "The station's code"))]


@app.command("list", help=t("列出商品（按货号）", "List the items, by SKU"))
def list_items(
    ctx: typer.Context,
    kind: Annotated[
        Kind | None,
        typer.Option("--kind", metavar="goods|service|voucher|donation", help=t("只要这一类", "Only this kind")),
    ] = None,
    active: Annotated[
        bool | None,
        typer.Option(
            "--active/--inactive", help=t("只要今天在售的，或只要不在售的", "Only what is on offer today, or is not")
        ),
    ] = None,
    query: Annotated[
        str | None,
        typer.Option("--query", metavar="TEXT", help=t("货号开头或名称中的字", "Start of a SKU or part of a name")),
    ] = None,
    limit: Limit = None,
    everything: All = False,
) -> None:
    filters = given(kind=kind, active=None if active is None else str(active).lower(), query=query)
    show_list(ctx.obj, path("catalog"), COLUMNS, params=filters, limit=limit, everything=everything)


@app.command("show", help=t("查看一件商品，和各驿站的库存", "Show one item, and its stock at each station"))
def show_item(ctx: typer.Context, sku: Sku) -> None:
    run: Run = ctx.obj
    show_with_rows(run, run.client().get(path("catalog", sku)), COLUMNS, STATION_COLUMNS, "stations")


Name = Annotated[str | None, typer.Option("--name", metavar="NAME", help=t("名称", "Name"))]
NewKind = Annotated[
    Kind | None,
    typer.Option(
        "--kind",
        metavar="goods|service|voucher|donation",
        help=t("类别：实物、服务、卡券、捐赠", "What kind of thing it is"),
    ),
]
Price = Annotated[
    int | None,
    typer.Option(
        "--price",
        metavar="POINTS",
        min=1,
        help=t("一件多少积分；捐赠是最低数", "Points a unit; of a donation the least"),
    ),
]
NewLimit = Annotated[
    str | None,
    typer.Option(
        "--limit",
        metavar="N/PERIOD",
        help=t(
            "每人限兑，例如 4/month；周期有 day、week、month、quarter、year、ever",
            "How often a rider may have it: 4/month; or day, week, quarter, year, ever",
        ),
    ),
]
Stocked = Annotated[
    bool | None, typer.Option("--stocked/--unstocked", help=t("计库存，或不计", "Whether units are counted"))
]
ReorderPoint = Annotated[
    str | None,
    typer.Option(
        "--reorder-point",
        metavar="N",
        help=t("在架不多于这个数就该补货", "At so many on a shelf, or fewer, it runs low"),
    ),
]
ActiveFrom = Annotated[str | None, typer.Option("--from", metavar="DATE", help=t("从哪天起在售", "First day on offer"))]
ActiveUntil = Annotated[
    str | None, typer.Option("--until", metavar="DATE", help=t("最后在售的一天", "Last day on offer"))
]
Picture = Annotated[str | None, typer.Option("--picture", metavar="URL", help=t("图片网址", "A picture's address"))]
Description = Annotated[str | None, typer.Option("--description", metavar="TEXT", help=t("说明", "Description"))]


@app.command(
    "set",
    help=t(
        "新建或更改一件商品\n没有给出的项保持不变；写 none 就是去掉。已经申请的兑换仍按原价。",
        "Create an item, or change it\nWhat is left out stays; none takes a value away. "
        "What is redeemed already keeps its price.",
    ),
)
def set_item(
    ctx: typer.Context,
    sku: Sku,
    name: Name = None,
    kind: NewKind = None,
    price: Price = None,
    limit: NewLimit = None,
    stocked: Stocked = None,
    reorder_point: ReorderPoint = None,
    active_from: ActiveFrom = None,
    active_until: ActiveUntil = None,
    picture: Picture = None,
    description: Description = None,
    dry_run: DryRun = False,
    key: Key = None,
) -> None:
    changes = given(name=name, kind=kind, price_points=price, is_stocked=stocked, description=description)
    if limit is not None:
        changes["limit_count"], changes["limit_period"] = _ask_limit(limit)
    if reorder_point is not None:
        changes["reorder_point"] = _ask(reorder_point, _ask_count)
    if active_from is not None:
        changes["active_from"] = _ask(active_from, ask_day)
    if active_until is not None:
        changes["active_until"] = _ask(active_until, ask_day)
    if picture is not None:
        changes["picture_url"] = _ask(picture, str)
    put_item(ctx.obj, sku, changes, dry_run=dry_run, key=key)


def put_item(run: Run, sku: str, changes: Mapping[str, object], *, dry_run: bool, key: str | None) -> None:
    """The item is as it is but for the changes, or new; shows it, and what changed.

    Only the changes are sent: what somebody else changes meanwhile stays.
    """
    present = _read_item(run.client(), sku)
    options = {"name": "--name", "kind": "--kind", "price_points": "--price"}
    if not present and (missing := [option for name, option in options.items() if name not in changes]):
        raise usage_failure(
            t(
                f"{visible(sku)} 是新商品，还要给出 {' '.join(missing)}。",
                f"{visible(sku)} is new: it also needs {' '.join(missing)}.",
            )
        )
    send = run.client().patch if present else run.client().put
    answer = send(path("catalog", sku), changes, key=key, is_dry_run=dry_run)
    show_written(run, answer, PUT_COLUMNS, is_dry_run=dry_run)
    if present and sys.stdout.isatty() and not run.json:
        _say_changes(present, answer.body["item"])


def _read_item(client: "Client", sku: str) -> dict[str, Any] | None:
    try:
        return client.get(path("catalog", sku)).body
    except Failure as failure:
        if failure.exit_code is not ExitCode.NOT_FOUND:
            raise
        return None


def _say_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    zone = ZoneInfo("UTC")
    for column in COLUMNS:
        was, is_now = column.worded(before, zone), column.worded(after, zone)
        if was != is_now:
            say(t(f"{column.title}：{was} → {is_now}", f"{column.title}: {was} → {is_now}"))


@app.command(
    "restock",
    help=t(
        "入库：给一个驿站的货架添货\n负数是收回。来历记在账里。",
        "Units come to a station's shelf\nA negative number takes them back. The memo stays in the books.",
    ),
)
def restock_item(
    ctx: typer.Context,
    sku: Sku,
    station: Annotated[str, typer.Option("--station", metavar="CODE", help=t("驿站编号", "The station's code"))],
    quantity: Annotated[
        int, typer.Option("--quantity", metavar="N", help=t("几件；负数是收回", "Units; negative takes back"))
    ],
    memo: Annotated[
        str, typer.Option("--memo", metavar="TEXT", help=t("从哪里来，或为什么收回", "Where from, or why taken back"))
    ],
    dry_run: DryRun = False,
    key: Key = None,
) -> None:
    run: Run = ctx.obj
    body = {"station": station, "quantity": quantity, "memo": memo}
    answer = run.client().post(path("catalog", sku, "restocks"), body, key=key, is_dry_run=dry_run)
    show_written(run, answer, RESTOCKED_COLUMNS, is_dry_run=dry_run)
    if sys.stdout.isatty() and not run.json:
        print()
        print_table(STATION_COLUMNS, pick(answer.body, "item.stations") or [], ZoneInfo("UTC"))


def _ask_limit(words: str) -> tuple[int | None, str | None]:
    if words == NOTHING_WANTED:
        return None, None
    if match := LIMIT.fullmatch(words):
        return int(match[1]), match[2]
    raise usage_failure(
        t(
            f"「{visible(words)}」不是限兑；请写成 4/month（或 day、week、quarter、year、ever），不限就写 none。",
            f"{visible(words)!r} is no limit. Write 4/month (or day, week, quarter, year, ever), or none.",
        )
    )


def _ask_count(words: str) -> int:
    if words.isascii() and words.isdigit():
        return int(words)
    raise usage_failure(
        t(
            f"「{visible(words)}」不是件数；请写一个数，或 none。",
            f"{visible(words)!r} is no number. Write one, or none.",
        )
    )


def _ask(words: str, read: Callable[[str], object]) -> object:
    return None if words == NOTHING_WANTED else read(words)


add_sheet_commands(app)
