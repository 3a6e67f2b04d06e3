"""`points station`: where goods are handed over, and who keeps them."""

from typing import TYPE_CHECKING, Annotated

import typer

from admin_cli.context import Run
from admin_cli.failures import usage_failure
from admin_cli.language import t
from admin_cli.options import All, DryRun, Key, Limit
from admin_cli.output import show_list, show_written
from admin_cli.paths import given, path
from admin_cli.printing.columns import code, flag, text
from admin_cli.printing.text import visible

if TYPE_CHECKING:
    from admin_cli.client import Client

app = typer.Typer(help=t("驿站：领取商品的地方和管理员", "Stations: where goods are handed over, and by whom"))

COLUMNS = [
    code("code", t("编号", "Station")),
    text("name", t("名称", "Name"), rank=2),
    text("subdistrict", t("街道", "Subdistrict"), rank=5),
    text("address", t("地址", "Address"), rank=4),
    text("keepers", t("管理员", "Keepers"), rank=3),
    flag("is_active", t("启用", "Active"), rank=2),
]


@app.command("list", help=t("列出驿站（按编号）", "List the stations, by code"))
def list_stations(
    ctx: typer.Context,
    active: Annotated[
        bool | None, typer.Option("--active/--inactive", help=t("只要启用的，或停用的", "Only those in use, or not"))
    ] = None,
    limit: Limit = None,
    everything: All = False,
) -> None:
    filters = given(active=None if active is None else str(active).lower())
    show_list(ctx.obj, path("stations"), COLUMNS, params=filters, limit=limit, everything=everything)


@app.command(
    "set",
    help=t(
        "新建或更改一个驿站\n没有给出的项保持不变。管理员只能在列有自己的驿站交付。",
        "Create a station, or change it\nWhat is left out stays. A keeper hands over only where they are listed.",
    ),
)
def set_station(
    ctx: typer.Context,
    station: Annotated[
        str, typer.Argument(metavar="CODE", help=t("驿站编号，例如 ZGM", "The station's code, such as ZGM"))
    ],
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help=t("名称", "Name"))] = None,
    subdistrict: Annotated[
        str | None, typer.Option("--subdistrict", metavar="NAME", help=t("街道", "Subdistrict"))
    ] = None,
    address: Annotated[str | None, typer.Option("--address", metavar="TEXT", help=t("地址", "Address"))] = None,
    keeper: Annotated[
        list[str] | None,
        typer.Option(
            "--keeper",
            metavar="NAME",
            help=t("管理员的登录名；给出就替换原来的全部", "A keeper's sign-in name; those given replace all before"),
        ),
    ] = None,
    no_keepers: Annotated[
        bool, typer.Option("--no-keepers", help=t("去掉全部管理员", "Take all keepers away"))
    ] = False,
    active: Annotated[
        bool | None, typer.Option("--active/--inactive", help=t("启用，或停用", "In use, or not"))
    ] = None,
    dry_run: DryRun = False,
    key: Key = None,
) -> None:
    run: Run = ctx.obj
    if keeper and no_keepers:
        raise usage_failure(t("--keeper 和 --no-keepers 只能给一个。", "Give --keeper or --no-keepers, not both."))
    keepers = [] if no_keepers else keeper or None
    changes = given(name=name, subdistrict=subdistrict, address=address, is_active=active, keepers=keepers)
    is_present = _is_station(run.client(), station)
    if not is_present and name is None:
        raise usage_failure(
            t(
                f"{visible(station)} 是新驿站，还要给出 --name。",
                f"{visible(station)} is new: it also needs --name.",
            )
        )
    # Only the changes are sent: what somebody else changes meanwhile stays.
    send = run.client().patch if is_present else run.client().put
    answer = send(path("stations", station), changes, key=key, is_dry_run=dry_run)
    show_written(run, answer, COLUMNS, is_dry_run=dry_run)


def _is_station(client: "Client", station: str) -> bool:
    """The API lists stations and shows none alone: a programme has a few dozen."""
    return any(
        found["code"] == station for page in client.pages(path("stations"), limit=None) for found in page.body["items"]
    )
