"""`points report`: what riders have seen, and what the staff decided about it."""

from typing import Annotated, Literal, get_args

import typer

from admin_cli.context import Run
from admin_cli.decisions import Verb, decide
from admin_cli.language import t
from admin_cli.options import All, DryRun, Key, Limit, ReportCode, Yes
from admin_cli.output import show_answer, show_list, show_written
from admin_cli.paths import given, path
from admin_cli.printing.columns import code, flag, moment, number, text, word
from admin_cli.printing.times import ask_instant
from admin_cli.printing.words import GRADES, LIMITS, REPORT_STATES, SHARES

app = typer.Typer(help=t("上报：随手拍的隐患，以及审核", "Reports: hazards that riders saw, and their review"))

State = Literal["submitted", "verified", "settled", "rejected", "duplicate", "revoked"]
Order = Literal["newest", "oldest"]
Datum = Literal["GCJ-02", "WGS-84"]
"""What the API takes; here so that a slip is caught before a request, with the right words beside it."""

LIST_COLUMNS = [
    code("code", t("编号", "Report")),
    word("state", t("状态", "State"), REPORT_STATES),
    code("category_code", t("类别", "Category")),
    text("category_name", t("名称", "Name"), rank=4),
    word("grade", t("等级", "Grade"), GRADES, rank=5),
    code("rider_code", t("骑手", "Rider")),
    number("award.points_granted", t("积分", "Points"), rank=2),
    moment("submitted_at", t("上报时间", "Submitted"), rank=2),
    moment("review_due_at", t("审核期限", "Review due"), rank=6),
    text("address", t("地址", "Address"), rank=3),
    text("subdistrict", t("街道", "Subdistrict"), rank=7),
    moment("decided_at", t("审核时间", "Decided"), rank=8),
    code("decided_by", t("审核人", "Decided by"), rank=7),
    text("reason", t("理由", "Reason"), rank=8),
    code("source", t("来源", "Source"), rank=9),
    code("external_id", t("外部编号", "External id"), rank=10),
]

COLUMNS = [
    code("code", t("编号", "Report")),
    word("state", t("状态", "State"), REPORT_STATES),
    code("category_code", t("类别", "Category")),
    text("category_name", t("名称", "Name")),
    word("grade", t("等级", "Grade"), GRADES),
    code("rider_code", t("骑手", "Rider")),
    text("address", t("地址", "Address")),
    text("subdistrict", t("街道", "Subdistrict")),
    code("lat", t("纬度", "Latitude")),
    code("lon", t("经度", "Longitude")),
    code("datum", t("坐标系", "Datum")),
    text("description", t("描述", "Description")),
    text("photo_url", t("照片", "Photo")),
    moment("photo_taken_at", t("拍摄时间", "Photo taken")),
    moment("submitted_at", t("上报时间", "Submitted")),
    moment("review_due_at", t("审核期限", "Review due")),
    moment("decided_at", t("审核时间", "Decided")),
    code("decided_by", t("审核人", "Decided by")),
    text("reason", t("理由", "Reason")),
    code("duplicate_of", t("重复于", "Duplicate of")),
    number("award.points_granted", t("积分", "Points granted")),
    number("award.points_wanted", t("应得积分", "Points wanted")),
    word("award.limited_by", t("受限于", "Limited by"), LIMITS),
    number("award.merit", t("贡献分", "Merit")),
    code("award.month", t("计入月份", "Month")),
    code("award.lapses_on", t("积分到期日", "Lapses on")),
    number("bonus.points_granted", t("办结奖励", "Bonus")),
    moment("settled_at", t("办结时间", "Settled")),
    code("settled_by", t("办结人", "Settled by")),
    text("after_photo_url", t("整改后照片", "Photo afterwards")),
    code("incident.code", t("隐患", "Incident")),
    number("incident.number", t("第几位报告人", "Reporter no.")),
    word("incident.share", t("份额", "Share"), SHARES),
    number("award.rulebook_version", t("规则版本", "Rulebook")),
    flag("award.is_reversed", t("已冲回", "Reversed")),
    flag("award.is_waiting", t("等预算入账", "Waits for the budget")),
    code("award.transaction_id", t("交易", "Transaction")),
    code("source", t("来源", "Source")),
    code("external_id", t("外部编号", "External id")),
    moment("recorded_at", t("收到时间", "Recorded")),
    code("id", "ID"),
]

NEARBY_COLUMNS = [
    number("distance_m", t("距离 m", "Metres")),
    number("hours_before", t("早 h", "Hours before")),
    flag("is_same_category", t("同类", "Same"), rank=1),
    code("report.code", t("编号", "Report")),
    word("report.state", t("状态", "State"), REPORT_STATES),
    code("report.category_code", t("类别", "Category")),
    text("report.category_name", t("名称", "Name"), rank=3),
    code("report.rider_code", t("骑手", "Rider"), rank=2),
    text("report.address", t("地址", "Address"), rank=4),
    moment("report.submitted_at", t("上报时间", "Submitted"), rank=5),
]

Reports = Annotated[
    list[str],
    typer.Argument(
        metavar="REPORT", help=t("上报编号，可以多个；- 从标准输入读", "Reports' codes, one or many; - reads stdin")
    ),
]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help=t("理由，骑手看得到", "Why; the rider reads it"))]

VERIFY = Verb(
    single="verification",
    many="verifications",
    can_be_undone=True,  # by a revocation
    question=lambda what: t(f"核实{what}并发放积分？", f"Verify {what} and grant the points?"),
)
REJECT = Verb(
    single="rejection",
    many="rejections",
    can_be_undone=False,
    question=lambda what: t(f"驳回{what}？以后不能恢复。", f"Reject {what}? This cannot be undone."),
)
DUPLICATE = Verb(
    single="duplication",
    many="duplications",
    can_be_undone=False,
    question=lambda what: t(f"把{what}记为重复？以后不能恢复。", f"Mark {what} as duplicate? This cannot be undone."),
)
REVOKE = Verb(
    single="revocation",
    many="revocations",
    can_be_undone=False,
    question=lambda what: t(
        f"撤销{what}并收回积分？以后不能恢复。", f"Revoke {what} and take the points back? This cannot be undone."
    ),
)


@app.command("list", help=t("列出上报", "List reports"))
def list_reports(
    ctx: typer.Context,
    state: Annotated[
        State | None, typer.Option("--state", metavar="|".join(get_args(State)), help=t("状态", "State"))
    ] = None,
    category: Annotated[
        str | None,
        typer.Option("--category", metavar="CODE", help=t("类别代码，例如 SAF-02", "Category, such as SAF-02")),
    ] = None,
    rider: Annotated[
        str | None, typer.Option("--rider", metavar="RIDER", help=t("骑手编号", "The rider's code"))
    ] = None,
    source: Annotated[str | None, typer.Option("--source", metavar="NAME", help=t("来源", "Source"))] = None,
    month: Annotated[
        str | None, typer.Option("--month", metavar="MONTH", help=t("月份，例如 2026-11", "Month, such as 2026-11"))
    ] = None,
    order: Annotated[
        Order | None,
        typer.Option("--order", metavar="newest|oldest", help=t("次序，默认新的在前", "Newest first if not given")),
    ] = None,
    limit: Limit = None,
    everything: All = False,
) -> None:
    filters = given(state=state, category=category, rider=rider, source=source, month=month, order=order)
    show_list(ctx.obj, path("reports"), LIST_COLUMNS, params=filters, limit=limit, everything=everything)


@app.command("show", help=t("查看一条上报", "Show one report"))
def show_report(ctx: typer.Context, report: ReportCode) -> None:
    run: Run = ctx.obj
    show_answer(run, run.client().get(path("reports", report)), COLUMNS)


@app.command("nearby", help=t("附近更早的上报，近的在前", "Earlier reports around it, nearest first"))
def show_nearby(
    ctx: typer.Context,
    report: ReportCode,
    radius: Annotated[
        int | None,
        typer.Option(
            "--radius",
            metavar="METRES",
            min=1,
            max=1000,
            help=t("半径（米），默认 50", "Radius in metres, 50 if not given"),
        ),
    ] = None,
) -> None:
    show_list(
        ctx.obj, path("reports", report, "neighbours"), NEARBY_COLUMNS, params=given(radius_m=radius), is_paged=False
    )


PhotoTakenAt = Annotated[
    str | None,
    typer.Option(
        "--photo-taken-at", metavar="TIME", help=t("拍摄时间（项目时区）", "When it was taken (programme's zone)")
    ),
]
SubmittedAt = Annotated[
    str | None,
    typer.Option(
        "--submitted-at",
        metavar="TIME",
        help=t("上报时间（只限密钥）", "When it was submitted (service keys only)"),
    ),
]
Hours = Annotated[
    int | None,
    typer.Option(
        "--hours",
        metavar="N",
        min=1,
        help=t("小时数（只用于按小时计分的类别）", "Hours, for categories paid by the hour"),
    ),
]
GivenDatum = Annotated[
    Datum | None,
    typer.Option(
        "--datum",
        metavar="GCJ-02|WGS-84",
        help=t("坐标系：国内地图是 GCJ-02；默认 WGS-84", "Chinese maps give GCJ-02; WGS-84 if not given"),
    ),
]
ForRider = Annotated[
    str | None,
    typer.Option(
        "--rider", metavar="RIDER", help=t("骑手编号（骑手自己不用填）", "The rider's code (riders leave it out)")
    ),
]
ExternalId = Annotated[
    str | None, typer.Option("--external-id", metavar="ID", help=t("其他系统里的编号", "Its id in another system"))
]
PhotoUrl = Annotated[str | None, typer.Option("--photo-url", metavar="URL", help=t("照片地址", "Address of the photo"))]


@app.command(
    "submit",
    help=t("提交一条上报（代骑手，或骑手自己）", "Submit a report, for a rider or as one"),
)
def submit_report(
    ctx: typer.Context,
    category: Annotated[
        str, typer.Option("--category", metavar="CODE", help=t("类别代码，例如 SAF-02", "Category, such as SAF-02"))
    ],
    lat: Annotated[float, typer.Option("--lat", metavar="DEGREES", help=t("纬度", "Latitude"))],
    lon: Annotated[float, typer.Option("--lon", metavar="DEGREES", help=t("经度", "Longitude"))],
    datum: GivenDatum = None,
    rider: ForRider = None,
    address: Annotated[str | None, typer.Option("--address", metavar="TEXT", help=t("地址", "Address"))] = None,
    subdistrict: Annotated[
        str | None, typer.Option("--subdistrict", metavar="NAME", help=t("街道", "Subdistrict"))
    ] = None,
    description: Annotated[
        str | None, typer.Option("--description", metavar="TEXT", help=t("看到了什么", "What was seen"))
    ] = None,
    hours: Hours = None,
    photo_url: PhotoUrl = None,
    photo_taken_at: PhotoTakenAt = None,
    external_id: ExternalId = None,
    submitted_at: SubmittedAt = None,
    dry_run: DryRun = False,
    key: Key = None,
) -> None:
    run: Run = ctx.obj
    body = given(
        rider_code=rider,
        category_code=category,
        lat=lat,
        lon=lon,
        datum=datum,
        address=address,
        subdistrict=subdistrict,
        description=description,
        hours=hours,
        photo_url=photo_url,
        photo_taken_at=ask_instant(photo_taken_at, run.zone()) if photo_taken_at else None,
        external_id=external_id,
        submitted_at=ask_instant(submitted_at, run.zone()) if submitted_at else None,
    )
    answer = run.client().post(path("reports"), body, key=key, is_dry_run=dry_run)
    show_written(run, answer, COLUMNS, is_dry_run=dry_run)


@app.command(
    "verify",
    help=t(
        "核实上报，积分同时入账\n一条直接办；多条先预演给您看，确认后再办。",
        "Verify reports; the points are granted with it\nOne is done at once. Many are previewed first.",
    ),
)
def verify_reports(
    ctx: typer.Context,
    reports: Reports,
    same_as: Annotated[
        str | None,
        typer.Option(
            "--same-as",
            metavar="REPORT",
            help=t(
                "与这条已核实的上报是同一隐患，按名次得分", "Of one hazard with this verified one, sharing its points"
            ),
        ),
    ] = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    key: Key = None,
) -> None:
    decide(ctx.obj, VERIFY, reports, given(same_hazard_as=same_as), yes=yes, dry_run=dry_run, key=key)


@app.command("reject", help=t("驳回上报，不能恢复，所以先问", "Reject reports; for good, so it asks first"))
def reject_reports(
    ctx: typer.Context, reports: Reports, reason: Reason, yes: Yes = False, dry_run: DryRun = False, key: Key = None
) -> None:
    decide(ctx.obj, REJECT, reports, {"reason": reason}, yes=yes, dry_run=dry_run, key=key)


@app.command(
    "duplicate",
    help=t("记为另一条上报的重复，不能恢复，所以先问", "Mark reports as duplicates of another; for good, so it asks"),
)
def mark_duplicates(
    ctx: typer.Context,
    reports: Reports,
    of: Annotated[str, typer.Option("--of", metavar="REPORT", help=t("更早的那一条", "The earlier one"))],
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="TEXT", help=t("理由，骑手看得到", "Why; the rider reads it"))
    ] = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    key: Key = None,
) -> None:
    decide(ctx.obj, DUPLICATE, reports, given(duplicate_of=of, reason=reason), yes=yes, dry_run=dry_run, key=key)


@app.command(
    "revoke",
    help=t(
        "撤销已核实的上报，收回积分，不能恢复，所以先问", "Revoke verified reports, taking the points back; asks first"
    ),
)
def revoke_reports(
    ctx: typer.Context, reports: Reports, reason: Reason, yes: Yes = False, dry_run: DryRun = False, key: Key = None
) -> None:
    decide(ctx.obj, REVOKE, reports, {"reason": reason}, yes=yes, dry_run=dry_run, key=key)
