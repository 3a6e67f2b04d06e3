"""`points ranking`: who earned most merit in a month, with the rule that decides between equals."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from admin_cli.context import Run
from admin_cli.language import t
from admin_cli.options import All, At, Limit
from admin_cli.output import show_list
from admin_cli.paths import given, path
from admin_cli.printing.columns import code, moment, number, text
from admin_cli.printing.times import ask_instant, ask_month
from admin_cli.printing.words import MONTH_STATES, TIE_CHAIN

app = typer.Typer(help=t("排行：每月贡献分", "Rankings: merit of a month"))

DIGEST_SHOWN = 12
"""Characters of a digest: enough to compare two copies by eye; `points month show` has all."""

COLUMNS = [
    number("rank", t("名次", "Rank")),
    code("rider_code", t("骑手", "Rider")),
    text("name", t("姓名", "Name"), rank=2),
    number("merit", t("贡献分", "Merit")),
    number("verified_reports", t("核实条数", "Verified")),
    number("serious_points", t("较重和紧急", "Serious"), rank=2),
    moment("reached_at", t("达到时间", "Reached"), rank=3),
    text("industry_name", t("行业", "Industry"), rank=4),
    code("industry_code", t("行业代码", "Industry code"), rank=6),
]


@app.command("show", help=t("查看某月的排行", "Show the ranking of a month"))
def show_ranking(
    ctx: typer.Context,
    month: Annotated[
        str,
        typer.Argument(
            metavar="MONTH", help=t("月份，例如 2026-11；now 是本月", "Month, such as 2026-11; now is this one")
        ),
    ] = "now",
    industry: Annotated[
        str | None,
        typer.Option("--industry", metavar="CODE", help=t("只排这个行业，例如 01", "Only this industry, such as 01")),
    ] = None,
    subdistrict: Annotated[
        str | None,
        typer.Option("--subdistrict", metavar="NAME", help=t("只排这个街道", "Only this subdistrict")),
    ] = None,
    at: At = None,
    limit: Limit = None,
    everything: All = False,
) -> None:
    run: Run = ctx.obj
    where = path("rankings", ask_month(month, run.zone()))
    filters = given(industry=industry, subdistrict=subdistrict, at=ask_instant(at, run.zone()) if at else None)
    show_list(run, where, COLUMNS, params=filters, limit=limit, everything=everything, caption=caption)


def caption(ranking: Mapping[str, Any]) -> str:
    """The tie chain, printed with every list, and how many riders there are."""
    chain = " → ".join(TIE_CHAIN.get(step, step) for step in ranking.get("tie_chain", ()))
    riders = ranking.get("riders")
    words = t(
        f"{ranking.get('month')} 共 {riders} 人上榜；同分依次比：{chain}，再相同则并列",
        f"{ranking.get('month')}: {riders} riders; ties go by {chain}, then the rank is shared",
    )
    return words + t("；", "; ") + _standing_of_list(ranking)


def _standing_of_list(ranking: Mapping[str, Any]) -> str:
    """Whether the list can still change, which list it is, and how many corrections it does not hold."""
    state = str(ranking.get("state"))
    said = MONTH_STATES.get(state, state)
    if digest := ranking.get("digest"):
        said += t(f"，摘要 {digest[:DIGEST_SHOWN]}…", f", digest {digest[:DIGEST_SHOWN]}…")
    if beside := ranking.get("corrections", 0) - ranking.get("corrections_in_list", 0):
        said += t(
            f"，另有 {beside:,} 条更正（points month corrections）",
            f", {beside:,} corrections beside it (points month corrections)",
        )
    return said
