"""`points dashboard`: the manager's one screen, drawn anew every few seconds.

Queues with their age against what was promised, points of the day and the month, budgets, shelves that run low, the
month's best. When the server is away the last numbers stay, with a notice; q or Ctrl-C ends it.
"""

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from admin_cli.context import Run
from admin_cli.failures import Failure
from admin_cli.language import t
from admin_cli.output import make_console, write_json
from admin_cli.paths import path
from admin_cli.printing.text import fit, visible, width_of
from admin_cli.terminal import is_on_terminal

if TYPE_CHECKING:
    from rich.console import RenderableType

HELP = t(
    "实时总览：队列、积分、预算、库存、前十名\n按 q 退出。用 --once 只看一次，--json 取原始数据。",
    "Everything at a glance, live: queues, points, budgets, stock, the first ten\n"
    "Press q to end. Once only with --once; --json gives the data.",
)

INTERVAL_SECONDS = 5
INTERVAL_SECONDS_MAX = 3600
WIDTH_MAX = 140
"""On a wider screen the eye would have to travel; the rest stays empty."""
HEIGHT_MIN = 24
FRAME = 2
"""Lines, and cells on each side, that a panel's border takes."""
QUEUE_ROWS, POINT_ROWS, TOP_ROWS = 3, 4, 10
BAR_WIDTH = 10

Item = Mapping[str, Any]
Cells = Sequence[tuple[str, str]]
"""Text and style of the cells of a row."""


def dashboard(
    ctx: typer.Context,
    interval: Annotated[
        int,
        typer.Option(
            "--interval",
            min=1,
            max=INTERVAL_SECONDS_MAX,
            help=t("几秒刷新一次", "Seconds between two readings"),
        ),
    ] = INTERVAL_SECONDS,
    once: Annotated[bool, typer.Option("--once", help=t("只显示一次就结束", "Show it once and end"))] = False,
) -> None:
    run: Run = ctx.obj
    answer = run.client().get(path("dashboard"))
    if run.json:
        write_json(answer)
        return
    if once or not is_on_terminal():
        console = make_console()
        width = min(console.width, WIDTH_MAX)
        console.print(draw(answer.body, run.zone(), width=width, height=60, note=""), width=width)
        return
    watch(run, answer.body, interval)


def watch(run: Run, found: Item, interval: int) -> None:
    """Until q, Ctrl-C or the end of the terminal."""
    from rich.live import Live

    from admin_cli.reviewing.keys import END, ESCAPE, Keys

    console, zone, note = make_console(), run.zone(), ""
    with Keys() as keys, Live(console=console, screen=True, auto_refresh=False) as live:
        while True:
            width, height = min(console.width, WIDTH_MAX), max(console.height, HEIGHT_MIN)
            live.update(draw(found, zone, width=width, height=height, note=note, interval=interval), refresh=True)
            ends_at = time.monotonic() + interval
            while (left := ends_at - time.monotonic()) > 0:
                if keys.read(left) in {"q", END, ESCAPE}:
                    return
            try:
                found, note = run.client().get(path("dashboard")).body, ""
            except Failure as failure:
                note = t(f"没能刷新，上面是之前的数据：{failure}", f"Not refreshed, this is from before: {failure}")


def draw(
    found: Item, zone: ZoneInfo, *, width: int, height: int, note: str, interval: int | None = None
) -> "RenderableType":
    """The whole screen, `width` cells wide and at most `height` lines high."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    now = datetime.fromisoformat(found["at"])
    side = (width - 1) // 2
    left_rows = height - 2 - (QUEUE_ROWS + FRAME) - (POINT_ROWS + FRAME) - FRAME
    right_rows = height - 2 - (TOP_ROWS + FRAME) - FRAME
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=side)
    grid.add_column(width=width - side - 1)
    grid.add_row(
        Group(
            _panel(t("队列", "Queues"), _queue_rows(found, now), side),
            _panel(t("积分", "Points"), _point_rows(found["points"]), side),
            _panel(t("预算", "Budgets"), _budget_rows(found["budgets"], max(1, left_rows), side), side),
        ),
        Group(
            _panel(t(f"{found['month']} 前十名", f"First ten of {found['month']}"), _top_rows(found["top"]), side),
            _panel(t("库存告急", "Running low"), _stock_rows(found["low_stock"], max(1, right_rows)), side),
        ),
    )
    title = t("总览", "Overview") + f"  {now.astimezone(zone):%Y-%m-%d %H:%M:%S}"
    how = t(f"每 {interval} 秒刷新，q 退出", f"every {interval} s, q ends") if interval else ""
    head = Text(fit(title, width - width_of(how)) + how, style="bold")
    return Group(head, grid, Text(fit(visible(note), width), style="yellow")) if note else Group(head, grid)


def _panel(title: str, rows: Sequence[Cells], width: int) -> "RenderableType":
    from rich.panel import Panel
    from rich.table import Table
    from rich.text import Text

    # The first cell gives way; what stands behind it is never cut.
    widths = [
        max(width_of(visible(row[number][0])) for row in rows) for number in range(1, len(rows[0]) if rows else 1)
    ]
    left = width - 2 * FRAME - sum(widths) - len(widths)
    table = Table.grid(padding=(0, 1, 0, 0), expand=True, pad_edge=False)
    table.add_column(width=left, no_wrap=True)
    for cell_width in widths:
        table.add_column(width=cell_width, justify="right", no_wrap=True)
    for row in rows:
        (first, style), *behind = row
        cells = [Text(visible(words), style=other) for words, other in behind]
        table.add_row(Text(fit(visible(first), left).rstrip(), style=style), *cells)
    if not rows:
        table.add_row(Text(t("没有", "none"), style="dim"))
    return Panel(table, title=Text(title), title_align="left", width=width, border_style="dim", padding=(0, 1))


def _queue_rows(found: Item, now: datetime) -> list[Cells]:
    rows = [
        _queue_row(t("上报待审", "To review"), found["reports"], now),
        _queue_row(t("兑换待批", "To approve"), found["redemptions"], now),
    ]
    late = found["ready_overdue"]
    overdue = t(f"过期 {late:,}", f"{late:,} lapsed") if late else ""
    rows.append([(t("待领取", "To be picked up"), ""), (f"{found['ready']:,}", "bold"), (overdue, "red"), ("", "")])
    return rows


def _queue_row(name: str, queue: Item, now: datetime) -> Cells:
    """How many wait, how many of them are late, and how long until the next promise, or since it was broken."""
    late, due = queue["overdue"], queue["next_due_at"]
    overdue = t(f"超时 {late:,}", f"{late:,} late") if late else ""
    when = ""
    if due is not None:
        left = (datetime.fromisoformat(due).astimezone(UTC) - now).total_seconds()
        when = t(f"剩 {_span(left)}", f"{_span(left)} left") if left >= 0 else f"−{_span(-left)}"
    return [(name, ""), (f"{queue['waiting']:,}", "bold"), (overdue, "red"), (when, "red" if late else "green")]


def _span(seconds: float) -> str:
    """A duration in its largest unit: 3 d, 5 h, 12 min."""
    minutes = int(seconds // 60)
    if minutes >= 48 * 60:
        return t(f"{minutes // 1440} 天", f"{minutes // 1440} d")
    if minutes >= 120:
        return t(f"{minutes // 60} 小时", f"{minutes // 60} h")
    return t(f"{minutes} 分钟", f"{minutes} min")


def _point_rows(points: Item) -> list[Cells]:
    return [
        [("", ""), (t("今天", "Today"), "dim"), (t("本月", "Month"), "dim")],
        [(t("发放", "Issued"), ""), (f"{points['issued_today']:,}", ""), (f"{points['issued_this_month']:,}", "bold")],
        [
            (t("兑换", "Redeemed"), ""),
            (f"{points['redeemed_today']:,}", ""),
            (f"{points['redeemed_this_month']:,}", "bold"),
        ],
        [
            (t("骑手持有", "With riders"), ""),
            (t("欠 ", "owed ") + f"{points['owed']:,}" if points["owed"] else "", "red"),
            (f"{points['available'] + points['held']:,}", "bold"),
        ],
    ]


def _budget_rows(budgets: Sequence[Item], rows: int, width: int) -> list[Cells]:
    """What is left, in points and as a bar; those with the smallest share left come first."""

    def share(budget: Item) -> float:
        return float(budget["available"]) / budget["funded"] if budget["funded"] else 0.0

    shown = sorted(budgets, key=lambda budget: (share(budget), budget["sponsor"]))[:rows]
    bar_width = BAR_WIDTH if width < 60 else BAR_WIDTH * 2
    lines: list[Cells] = []
    for budget in shown:
        left = share(budget)
        full = round(left * bar_width)
        style = "red" if left < 0.1 else "yellow" if left < 0.3 else "green"
        lines.append(
            [
                (str(budget["name"]), ""),
                (f"{budget['available']:,}", ""),
                ("█" * full + "░" * (bar_width - full), style),
            ]
        )
    return lines


def _top_rows(top: Sequence[Item]) -> list[Cells]:
    return [
        [
            (f"{rider['rank']:>2} {rider['rider_code']} {rider['name']}", "bold" if rider["rank"] == 1 else ""),
            (t(f"{rider['verified_reports']} 条", f"{rider['verified_reports']} rep."), "dim"),
            (f"{rider['merit']:,}", "bold"),
        ]
        for rider in top[:TOP_ROWS]
    ]


def _stock_rows(low: Sequence[Item], rows: int) -> list[Cells]:
    return [
        [
            (f"{line['sku']} {line['name']}", ""),
            (str(line["station_name"]), "dim"),
            (f"{line['shelf']:,}/{line['reorder_point']:,}", "red" if not line["shelf"] else "yellow"),
        ]
        for line in low[:rows]
    ]
