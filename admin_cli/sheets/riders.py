"""`points rider export` and `points rider import`: the roll of riders as a table."""

import tomllib
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal
from zoneinfo import ZoneInfo

import typer

from admin_cli.language import t
from admin_cli.options import DryRun
from admin_cli.paths import given, path
from admin_cli.sheets.columns import Item, SheetColumn, code, moment, text, word
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
    from admin_cli.importing.problems import RowProblem
    from admin_cli.sheets.reading import Values
    from admin_cli.sheets.rows import ImportPlan

Status = Literal["active", "suspended", "left"]

STATUSES = {
    "active": ("正常", "active"),
    "suspended": ("已暂停", "suspended"),
    "left": ("已离开", "left"),
}


def _industry(item: Item) -> object:
    return item.get("industry_name") or item.get("industry_code")


def _titles(item: Item) -> object:
    return t("、", ", ").join(item.get("titles") or [])


COLUMNS: tuple[SheetColumn, ...] = (
    code("code", "编号", "Rider", aliases=("骑手编号", "Rider code", "Code"), length_max=16),
    text("name", "姓名", "Name", length_max=40),
    code("phone", "手机号", "Phone", aliases=("手机", "电话", "手机号码", "Mobile"), length_max=20),
    text(
        "industry_code",
        "行业",
        "Industry",
        aliases=("行业代码", "industry_name", "Industry code"),
        value=_industry,
        length_max=60,
    ),
    text("subdistrict", "街道", "Subdistrict", length_max=60),
    word("status", "状态", "Status", STATUSES, is_imported=False),
    moment("enrolled_at", "登记时间", "Enrolled"),
    text("source", "来源", "Source", is_imported=False),
    text("titles", "称号", "Titles", value=_titles, is_imported=False),
)

EXPORT_HELP = t(
    "导出骑手名册（XLSX、CSV）\n手机号照接口给出的样子，中间四位是星号。",
    "Export riders (XLSX, CSV)\nPhone numbers are masked, as everywhere.",
)
IMPORT_HELP = t(
    "登记表格里的骑手（XLSX、CSV）\n不填编号就由系统编；行业填代码或名称。编号或手机号已在册的行会被拒，不影响其余。"
    "同一人再导入同一文件，已登记的不重复登记。\n",
    "Enroll the riders of a table (XLSX, CSV)\nWithout a code one is made; the industry goes by code or by name. Rows "
    "whose code or phone is enrolled already are refused and do not stop the rest. The same file, imported again by "
    "the same person, enrolls nobody twice.\n",
) + columns_help(COLUMNS)


def export_riders(
    ctx: typer.Context,
    file: ExportFile,
    industry: Annotated[
        str | None, typer.Option("--industry", metavar="CODE", help=t("行业代码，例如 01", "Industry code, such as 01"))
    ] = None,
    subdistrict: Annotated[
        str | None, typer.Option("--subdistrict", metavar="NAME", help=t("街道", "Subdistrict"))
    ] = None,
    status: Annotated[
        Status | None, typer.Option("--status", metavar="active|suspended|left", help=t("状态", "Status"))
    ] = None,
    yes: Overwrite = False,
) -> None:
    from admin_cli.sheets.exporting import export_list

    export_list(
        ctx.obj,
        file,
        path=path("riders"),
        columns=COLUMNS,
        title=t("骑手", "Riders"),
        params=given(industry=industry, subdistrict=subdistrict, status=status),
        yes=yes,
    )


def import_riders(
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
        make_plan=plan_riders,
        sheet=sheet,
        bad_rows=bad_rows,
        retries=retries,
        is_dry_run=is_dry_run,
    )


def add_sheet_commands(app: typer.Typer) -> None:
    """`export` and `import` are verbs of the noun."""
    app.command("export", help=EXPORT_HELP)(export_riders)
    app.command("import", help=IMPORT_HELP)(import_riders)


def plan_riders(client: "Client", headers: Mapping[str, str]) -> "ImportPlan":
    from admin_cli.sheets.rows import ImportPlan

    industries = read_industries(client) if "industry_code" in headers else {}
    return ImportPlan(
        path=path("riders", "bulk"),
        columns=COLUMNS,
        unique=(("code",), ("phone",)),
        make_item=lambda values: _enrolment(values, industries, headers),
        once=True,
    )


def read_industries(client: "Client") -> dict[str, str]:
    """Code → name, of the rulebook in force today."""
    zone = ZoneInfo(client.get(path("programme")).body["time_zone"])
    today = f"{datetime.now(zone):%Y-%m-%d}"
    versions = [item for page in client.pages(path("rulebooks"), limit=None) for item in page.body["items"]]
    in_force = [item for item in versions if item["valid_from"] <= today]
    if not in_force:
        return {}
    newest = max(in_force, key=lambda item: (item["valid_from"], item["version"]))
    document = tomllib.loads(client.get(path("rulebooks", str(newest["version"]))).body["document"])
    return {industry["code"]: industry["name"] for industry in document.get("industries", [])}


def _enrolment(
    values: "Values", industries: Mapping[str, str], headers: Mapping[str, str]
) -> "dict[str, object] | list[RowProblem]":
    from admin_cli.importing.problems import row_problem
    from admin_cli.sheets.rows import choice_problem, with_values

    item = with_values(values)
    if not item:
        return [
            row_problem(
                "missing_value",
                "这一行没有可以登记的内容；请补上，或删去。",
                "there is nobody in this row; fill it in.",
            )
        ]
    problems = []
    if phone := item.get("phone"):
        item["phone"] = plain_phone(str(phone))
        if "*" in str(phone):
            problems.append(
                row_problem(
                    "masked_phone",
                    f"「{headers['phone']}」的「{phone}」是遮住的号码；请填完整的号码，或留空。",
                    f"{headers['phone']}: {phone} is masked; write the number in full, or leave it empty.",
                )
            )
    if industry := item.get("industry_code"):
        found = find_industry(str(industry), industries)
        if found is None and industries:
            problems.append(choice_problem("unknown_industry", headers["industry_code"], industry, industries))
        item["industry_code"] = found or industry
    return problems or item


def plain_phone(phone: str) -> str:
    """Eleven digits as people write them, without blanks, hyphens, the country's prefix or an apostrophe."""
    digits = phone.lstrip("'‘’").replace(" ", "").replace("-", "")
    for prefix in ("+86", "0086", "86"):
        if digits.startswith(prefix) and len(digits) == len(prefix) + 11:
            return digits.removeprefix(prefix)
    return digits


def find_industry(wanted: str, industries: Mapping[str, str]) -> str | None:
    """By code, by name, or by a code that lost its leading zero in a spreadsheet."""
    for found, name in industries.items():
        if wanted in (found, name) or (wanted.isascii() and wanted.isdigit() and found.lstrip("0") == wanted):
            return found
    return None
