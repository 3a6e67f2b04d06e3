"""`points catalog export` and `points catalog import`: what points buy, as a table."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from admin_cli.language import t
from admin_cli.options import DryRun
from admin_cli.paths import given, path
from admin_cli.sheets.columns import SheetColumn, code, day, flag, integer, prose, text, word
from admin_cli.sheets.commands import BadRows, ExportFile, ImportFile, Overwrite, Sheet, columns_help, import_sheet

if TYPE_CHECKING:
    from admin_cli.client import Client
    from admin_cli.importing.problems import RowProblem
    from admin_cli.sheets.reading import Values
    from admin_cli.sheets.rows import ImportPlan

ItemKind = Literal["goods", "service", "voucher", "donation"]

ITEM_KINDS = {
    "goods": ("实物", "goods"),
    "service": ("服务", "service"),
    "voucher": ("卡券", "voucher"),
    "donation": ("捐赠", "donation"),
}
PERIODS = {
    "day": ("天", "day", "日", "每天", "a day"),
    "week": ("周", "week", "每周", "a week"),
    "month": ("月", "month", "每月", "a month"),
    "quarter": ("季", "quarter", "季度", "每季", "每季度", "a quarter"),
    "year": ("年", "year", "每年", "a year"),
    "ever": ("总共", "ever", "in all"),
}

COLUMNS: tuple[SheetColumn, ...] = (
    code("sku", "货号", "SKU", aliases=("商品编号",), length_max=20, is_required=True),
    text("name", "名称", "Name", aliases=("商品", "商品名称", "Item"), length_max=60, is_required=True),
    word("kind", "类别", "Kind", ITEM_KINDS, aliases=("种类", "类型"), is_required=True),
    integer(
        "price_points",
        "积分",
        "Points",
        aliases=("价格", "所需积分", "Price", "Price points"),
        is_required=True,
        least=1,
    ),
    flag("is_stocked", "计库存", "Stocked", aliases=("是否计库存", "Is stocked")),
    integer("reorder_point", "补货线", "Reorder at", aliases=("Reorder point",)),
    integer("limit_count", "限兑次数", "Limit", aliases=("每人限兑", "Limit count"), least=1),
    word("limit_period", "限兑周期", "Limit period", PERIODS, aliases=("周期", "Period")),
    day("active_from", "开始日期", "From", aliases=("上架日期", "Active from")),
    day("active_until", "结束日期", "Until", aliases=("下架日期", "Active until")),
    text("picture_url", "图片网址", "Picture", aliases=("图片", "Picture URL")),
    prose("description", "说明", "Description"),
    flag("is_active", "在售", "On offer", is_imported=False),
    integer("stock.shelf", "在架", "On the shelf", is_imported=False),
    integer("stock.reserved", "预留", "Reserved", is_imported=False),
    integer("stock.delivered", "已交付", "Delivered", is_imported=False),
)

DEFAULTS: dict[str, object] = {"is_stocked": True, "description": ""}
"""What an empty cell means where it is not "none". Source: the API's own defaults."""

EXPORT_HELP = t(
    "导出商品目录（XLSX、CSV）\n改好的文件可以直接用 import 导回来。",
    "Export the catalogue (XLSX, CSV)\nChanged in a spreadsheet, the file can be imported again.",
)
IMPORT_HELP = t(
    "按表格更新商品目录（XLSX、CSV）\n按货号新增或更改，空格就是清空，文件里没有的列保持不变，文件里没有的商品不动。"
    "库存不在这里改。坏行不影响其余；同一文件再导入一次不会改变任何东西。\n",
    "Bring the catalogue up to a table (XLSX, CSV)\nItems are created or changed by their SKU. An empty cell clears, a "
    "column that the file lacks stays as it is, and so do items that it lacks. Stock is not changed here. Bad rows do "
    "not stop the rest; importing a file again changes nothing.\n",
) + columns_help(COLUMNS)


def export_catalog(
    ctx: typer.Context,
    file: ExportFile,
    kind: Annotated[
        ItemKind | None,
        typer.Option("--kind", metavar="goods|service|voucher|donation", help=t("只要这一类", "Only this kind")),
    ] = None,
    active: Annotated[bool, typer.Option("--active", help=t("只要现在在售的", "Only what is on offer now"))] = False,
    yes: Overwrite = False,
) -> None:
    from admin_cli.sheets.exporting import export_list

    export_list(
        ctx.obj,
        file,
        path=path("catalog"),
        columns=COLUMNS,
        title=t("商品目录", "Catalogue"),
        params=given(kind=kind, active="true" if active else None),
        yes=yes,
    )


def import_catalog(
    ctx: typer.Context, file: ImportFile, sheet: Sheet = None, bad_rows: BadRows = None, is_dry_run: DryRun = False
) -> None:
    import_sheet(
        ctx.obj,
        file,
        columns=COLUMNS,
        make_plan=plan_catalog,
        sheet=sheet,
        bad_rows=bad_rows,
        is_dry_run=is_dry_run,
    )


def add_sheet_commands(app: typer.Typer) -> None:
    """`export` and `import` are verbs of the noun."""
    app.command("export", help=EXPORT_HELP)(export_catalog)
    app.command("import", help=IMPORT_HELP)(import_catalog)


def plan_catalog(client: "Client", headers: Mapping[str, str]) -> "ImportPlan":
    from admin_cli.sheets.rows import ImportPlan

    missing = [column.key for column in COLUMNS if column.is_imported and column.key not in headers]
    present = read_catalog(client) if missing else {}
    return ImportPlan(
        path=path("catalog"),
        columns=COLUMNS,
        unique=(("sku",),),
        make_item=lambda values: _item(values, missing, present, headers),
        once=False,
    )


def read_catalog(client: "Client") -> dict[str, Mapping[str, object]]:
    """Items by SKU, as they are now: the API is always told what the whole item is."""
    return {item["sku"]: item for page in client.pages(path("catalog"), limit=None) for item in page.body["items"]}


def _item(
    values: "Values", missing: list[str], present: Mapping[str, Mapping[str, object]], headers: Mapping[str, str]
) -> "dict[str, object] | list[RowProblem]":
    from admin_cli.importing.problems import row_problem

    now = present.get(str(values["sku"]), {})
    item = {key: DEFAULTS.get(key) if value is None else value for key, value in values.items()}
    item.update({key: now[key] for key in missing if key in now})
    picture = item.get("picture_url")
    if picture is not None and not str(picture).startswith(("http://", "https://")):
        header = headers.get("picture_url", "picture_url")
        return [
            row_problem(
                "wrong_address",
                f"「{header}」要填 http:// 或 https:// 开头的网址，或留空。",
                f"{header} must be an address that starts with http:// or https://, or empty.",
            )
        ]
    return item
