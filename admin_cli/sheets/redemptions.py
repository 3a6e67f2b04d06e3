"""`points redemption export` and `points redemption import`: redemptions as a table, and wishes for riders as one.

What comes out is no file to be put in: it would redeem everything once more. So the two have columns of their own.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from admin_cli.language import t
from admin_cli.options import DryRun
from admin_cli.paths import given, path
from admin_cli.sheets.catalog import ITEM_KINDS
from admin_cli.sheets.columns import Item, SheetColumn, code, day, flag, integer, moment, prose, text, word
from admin_cli.sheets.commands import (
    BadRows,
    ExportFile,
    ImportFile,
    Overwrite,
    RetryRefused,
    Sheet,
    columns_help,
    import_sheet,
)

if TYPE_CHECKING:
    from admin_cli.client import Client
    from admin_cli.sheets.rows import ImportPlan

State = Literal["requested", "ready", "fulfilled", "rejected", "cancelled", "lapsed"]

STATES = {
    "requested": ("待审批", "requested"),
    "ready": ("待领取", "ready"),
    "fulfilled": ("已领取", "fulfilled"),
    "rejected": ("已驳回", "rejected"),
    "cancelled": ("已取消", "cancelled"),
    "lapsed": ("逾期未领", "lapsed"),
}


def _approvers(item: Item) -> object:
    return t("、", ", ").join(str(approval["approved_by"]) for approval in item.get("approvals") or [])


EXPORT_COLUMNS: tuple[SheetColumn, ...] = (
    code("code", "兑换单号", "Redemption", is_imported=False),
    word("state", "状态", "State", STATES, is_imported=False),
    code("rider_code", "骑手编号", "Rider", is_imported=False),
    text("rider_name", "姓名", "Name", is_imported=False),
    code("sku", "货号", "SKU", is_imported=False),
    text("item_name", "商品", "Item", is_imported=False),
    word("kind", "类别", "Kind", ITEM_KINDS, is_imported=False),
    integer("points", "积分", "Points", is_imported=False),
    code("station_code", "驿站", "Station", is_imported=False),
    text("station_name", "驿站名称", "Station name", is_imported=False),
    moment("requested_at", "申请时间", "Requested"),
    text("requested_by", "申请人", "Requested by", is_imported=False),
    moment("decide_due_at", "应批时间", "Decide by"),
    flag("is_overdue", "已超时", "Overdue", is_imported=False),
    integer("approvals_required", "需批人数", "Approvals needed", is_imported=False),
    text("approvals", "批准人", "Approved by", value=_approvers, is_imported=False),
    moment("ready_at", "备好时间", "Ready"),
    day("pick_up_by", "取货截止", "Pick up by", is_imported=False),
    moment("closed_at", "办结时间", "Closed"),
    text("closed_by", "办结人", "Closed by", is_imported=False),
    prose("reason", "理由", "Reason", is_imported=False),
)

WISH_COLUMNS: tuple[SheetColumn, ...] = (
    code("rider_code", "骑手编号", "Rider", aliases=("骑手", "编号", "Rider code"), length_max=16, is_required=True),
    code("sku", "货号", "SKU", aliases=("商品编号",), length_max=20, is_required=True),
    code("station", "驿站", "Station", aliases=("驿站编号", "station_code"), length_max=16),
    integer("points", "积分", "Points", least=1),
)
COLUMNS = (
    *WISH_COLUMNS,
    *(column for column in EXPORT_COLUMNS if column.key not in ("rider_code", "sku", "station_code", "points")),
)
"""Names of riders and items may stand beside their codes in a list of wishes, to be read by people."""

EXPORT_HELP = t("导出兑换记录（XLSX、CSV）\n新的在前。", "Export redemptions (XLSX, CSV)\nNewest first.")
IMPORT_HELP = t(
    "按表格替骑手申请兑换（XLSX、CSV）\n一行一件；只有一个驿站有货时驿站可以不填，积分只有捐赠要填。坏行不影响其余。"
    "同一人再导入同一文件，什么都不会再兑一次；改过内容的文件是另一个文件，所以请只改、只导入坏行文件。\n",
    "Redeem for the riders of a table (XLSX, CSV)\nA row is one unit. The station may be left out where only one has "
    "the item; points are for donations alone. Bad rows do not stop the rest. The same file, imported again by the "
    "same person, redeems nothing twice. A file that was changed is another file: so "
    "correct and import the bad-rows file only.\n",
) + columns_help(COLUMNS)


def export_redemptions(
    ctx: typer.Context,
    file: ExportFile,
    state: Annotated[
        State | None,
        typer.Option(
            "--state",
            metavar="STATE",
            help=t(
                "状态：requested、ready、fulfilled、rejected、cancelled、lapsed",
                "State: requested, ready, fulfilled, rejected, cancelled, lapsed",
            ),
        ),
    ] = None,
    rider: Annotated[
        str | None, typer.Option("--rider", metavar="CODE", help=t("骑手编号", "The rider's code"))
    ] = None,
    sku: Annotated[str | None, typer.Option("--sku", metavar="SKU", help=t("货号", "The item's SKU"))] = None,
    station: Annotated[
        str | None, typer.Option("--station", metavar="CODE", help=t("驿站编号", "The station's code"))
    ] = None,
    overdue: Annotated[
        bool, typer.Option("--overdue", help=t("只要过了时限还没批的", "Only those that wait too long"))
    ] = False,
    yes: Overwrite = False,
) -> None:
    from admin_cli.sheets.exporting import export_list

    filters = given(state=state, rider=rider, sku=sku, station=station, overdue="true" if overdue else None)
    export_list(
        ctx.obj,
        file,
        path=path("redemptions"),
        columns=EXPORT_COLUMNS,
        title=t("兑换", "Redemptions"),
        params=filters,
        yes=yes,
    )


def import_redemptions(
    ctx: typer.Context,
    file: ImportFile,
    sheet: Sheet = None,
    bad_rows: BadRows = None,
    retries: RetryRefused = False,
    is_dry_run: DryRun = False,
) -> None:
    import_sheet(
        ctx.obj,
        file,
        columns=COLUMNS,
        make_plan=plan_redemptions,
        sheet=sheet,
        bad_rows=bad_rows,
        retries=retries,
        is_dry_run=is_dry_run,
        counts_points=True,
    )


def add_sheet_commands(app: typer.Typer) -> None:
    """`export` and `import` are verbs of the noun."""
    app.command("export", help=EXPORT_HELP)(export_redemptions)
    app.command("import", help=IMPORT_HELP)(import_redemptions)


def plan_redemptions(client: "Client", headers: Mapping[str, str]) -> "ImportPlan":
    from admin_cli.importing.problems import file_problem
    from admin_cli.sheets.rows import ImportPlan, with_values

    if "code" in headers or "state" in headers:
        raise file_problem(
            "这是导出的兑换记录，导入会全部再兑一次；新的申请请另建一个表，只留骑手编号、货号、驿站和积分。",
            "these are exported redemptions, and importing them would redeem everything once more. For new ones make "
            "a table of its own, with rider, SKU, station and points only.",
        )
    return ImportPlan(
        path=path("redemptions", "requests"),
        columns=COLUMNS,
        unique=(("rider_code", "sku", "station", "points"),),
        make_item=with_values,
        once=True,
    )
