"""Options that mean the same on many commands, with one help text each."""

from typing import Annotated

import typer

from admin_cli.language import t

Limit = Annotated[
    int | None,
    typer.Option(
        "--limit", metavar="N", min=1, help=t("最多几行（默认 50）", "How many rows at most (50 if not given)")
    ),
]
All = Annotated[bool, typer.Option("--all", help=t("全部，不限行数", "All of them, however many"))]
DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run", help=t("只预演：走完全程但什么都不保存", "Only try: all is checked and nothing is stored")
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help=t("不再询问，直接执行", "Do it without asking"))]
Key = Annotated[
    str | None,
    typer.Option(
        "--idempotency-key",
        metavar="KEY",
        help=t(
            "幂等键：用同一个键重做不会重复；默认自动生成",
            "Repeating with the same key does nothing twice; made if not given",
        ),
    ),
]
At = Annotated[
    str | None,
    typer.Option(
        "--at",
        metavar="TIME",
        help=t(
            "那一刻的数（2026-11-24 指当天零点，项目所在时区）",
            "As of then (2026-11-24 is its midnight, in the programme's zone)",
        ),
    ),
]
RiderCode = Annotated[
    str, typer.Argument(metavar="RIDER", help=t("骑手编号，例如 R00001", "The rider's code, such as R00001"))
]
ReportCode = Annotated[str, typer.Argument(metavar="REPORT", help=t("上报编号", "The report's code"))]
