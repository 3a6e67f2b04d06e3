"""The screen of a review: the card, the line of keys, and the two questions that a decision may need.

Drawn on the terminal's second screen, from the top left, line by line without clearing first: nothing flickers, nothing
scrolls, and afterwards the terminal shows what it showed before.
"""

import shutil
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from io import StringIO
from types import TracebackType
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console, Group
from rich.panel import Panel
from rich.text import Text

from admin_cli.language import t
from admin_cli.printing.text import fit, visible, wrap
from admin_cli.reviewing.card import Evidence, card_lines, supports_hyperlinks
from admin_cli.reviewing.keys import ESCAPE, Keys

SECOND_SCREEN, FIRST_SCREEN = "\033[?1049h", "\033[?1049l"
TOP_LEFT, CLEAR_LINE, CLEAR_BELOW = "\033[H", "\033[K", "\033[J"
HIDE_CURSOR, SHOW_CURSOR = "\033[?25l", "\033[?25h"

FRAME = 2
"""Cells that the panel takes on each side, and lines above and below together."""

FOOTER = 3
"""What became of the last decision, what is still held, and the keys."""

Status = tuple[str, str]
NO_STATUS = ("", "")

WIDTH_MAX = 120
"""On a wider screen the eye would have to travel; the rest stays empty."""

LONG_SECONDS = 3600.0
"""How long a question waits before it looks at the keyboard again: a question has no deadline."""

REASONS = [
    t("照片看不清，无法判断", "The photo does not show it clearly"),
    t("地点与照片不符", "Place and photo do not match"),
    t("不属于受理范围", "Not a matter for this programme"),
    t("现场已经处理完毕", "Already put right when checked"),
    t("照片不是本次现场拍摄", "The photo was not taken on the spot"),
    t("内容太少，请补充后重新上报", "Too little to go by; please report again with more"),
]
"""The usual ones, by number. What is chosen is stored and read by the rider, so they are whole sentences."""

KEYS_LINE = [
    ("v", t("核实", "verify")),
    ("r", t("驳回", "reject")),
    ("d", t("重复", "duplicate")),
    ("s", t("跳过", "skip")),
    ("u", t("撤回", "undo")),
    ("?", t("说明", "help")),
    ("q", t("结束", "quit")),
]

HELP_LINES = t(
    "v  核实：积分记给骑手\n"
    "r  驳回：选一个理由，骑手看得到\n"
    "d  重复：选附近的一条，或输入编号\n"
    "s  跳过：留在队列里，这次不再出现\n"
    "u  撤回：刚才的决定在几秒之内还没有发出，可以拿回来\n"
    "q  结束：还没发出的决定会先发出\n"
    "Ctrl-C  立即停止：还没发出的决定不发\n"
    "\n"
    "期限的颜色：绿色还早，黄色不到半小时，红色已超时。\n"
    "geo: 链接已经换算成 WGS-84，地图软件可以直接打开。",
    "v  verify: the rider is credited\n"
    "r  reject: choose a reason, which the rider reads\n"
    "d  duplicate: choose one nearby, or type a code\n"
    "s  skip: it stays in the queue, and does not come again this time\n"
    "u  undo: for some seconds the last decision is not sent yet and can be taken back\n"
    "q  quit: what is not sent yet is sent first\n"
    "Ctrl-C  stop at once: what is not sent yet is not sent\n"
    "\n"
    "Colour of the time: green early, yellow under half an hour, red late.\n"
    "The geo: link is converted to WGS-84; a map program opens it as it is.",
)


class Screen:
    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._has_links = supports_hyperlinks()

    def __enter__(self) -> "Screen":
        sys.stdout.write(SECOND_SCREEN + HIDE_CURSOR)
        sys.stdout.flush()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        sys.stdout.write(SHOW_CURSOR + FIRST_SCREEN)
        sys.stdout.flush()

    # --- what is shown -------------------------------------------------------------------------------------------

    def show_card(self, report: Mapping[str, Any], evidence: Evidence, count: str, status: Status) -> None:
        width, height = self._size()
        lines = card_lines(
            report,
            evidence,
            now=datetime.now(UTC),
            zone=self._zone,
            width=width - 2 * FRAME,
            height=height - FRAME - FOOTER,
            has_links=self._has_links,
        )
        title = visible(str(report["code"]))
        self._draw(lines, title, count, status, keys_line())

    def show_end(self, status: Status) -> None:
        words = t(
            "全部看完了。按 u 撤回最后一条，按别的键结束。",
            "That was all. u takes the last one back, any other key ends.",
        )
        self._draw([Text(line) for line in self._wrapped(words)], t("队列", "Queue"), "", status, Text())

    def show_help(self, keys: Keys) -> None:
        lines = [Text(line) for line in self._wrapped(HELP_LINES)]
        self._draw(lines, t("说明", "Help"), "", NO_STATUS, Text(t("按任意键返回", "any key goes back"), style="dim"))
        keys.read(LONG_SECONDS)

    # --- what is asked -------------------------------------------------------------------------------------------

    def ask_reason(self, keys: Keys) -> str | None:
        """One of the usual reasons by its number, or a typed one; None when the reviewer thought better of it."""
        own = t("自己写", "write one")
        back = t("返回", "back")
        rows = [f"{number}  {reason}" for number, reason in enumerate(REASONS, 1)] + [f"0  {own}", f"Esc  {back}"]
        self._draw([Text(row) for row in rows], t("驳回的理由", "Why is it rejected"), "", NO_STATUS, Text())
        while True:
            key = keys.read(LONG_SECONDS)
            if key == "0":
                return self._ask_line(keys, t("理由：", "Reason: "))
            if key is not None and key.isdecimal() and int(key) <= len(REASONS):
                return REASONS[int(key) - 1]
            if key in (ESCAPE, "end", "q"):
                return None

    def ask_original(self, keys: Keys, neighbours: Sequence[Mapping[str, Any]]) -> str | None:
        """The code of the report that this one repeats."""
        if neighbours:
            question = t(
                f"与哪一条重复？（1–{len(neighbours)} 或编号）",
                f"Duplicate of which? (1–{len(neighbours)}, or a code) ",
            )
        else:
            question = t("与哪一条重复？（编号）", "Duplicate of which? (its code) ")
        answer = self._ask_line(keys, question)
        if answer and answer.isdecimal() and 1 <= int(answer) <= len(neighbours):
            return str(neighbours[int(answer) - 1]["report"]["code"])
        return answer.upper() if answer else None

    def _ask_line(self, keys: Keys, question: str) -> str | None:
        """Asked on the last line; an empty answer means back."""
        _, height = self._size()
        sys.stdout.write(f"\033[{height};1H{CLEAR_LINE}{SHOW_CURSOR}")
        sys.stdout.flush()
        answer = keys.read_line(question)
        sys.stdout.write(HIDE_CURSOR)
        return answer or None

    # --- drawing -------------------------------------------------------------------------------------------------

    def _size(self) -> tuple[int, int]:
        size = shutil.get_terminal_size()
        return min(size.columns, WIDTH_MAX), size.lines

    def _wrapped(self, words: str) -> list[str]:
        return wrap(words, self._size()[0] - 2 * FRAME)

    def _draw(self, lines: Sequence[Text], title: str, subtitle: str, status: Status, keys: Text) -> None:
        width, height = self._size()
        panel = Panel(
            Group(*lines),
            title=Text(title, style="bold"),
            title_align="left",
            subtitle=Text(subtitle, style="dim") if subtitle else None,
            subtitle_align="right",
            border_style="bright_black",
            width=width,
            height=height - FOOTER,
        )
        drawn = _ansi(panel, width).split("\n")
        for words, style in zip(status, ("cyan", "yellow"), strict=True):
            drawn.append(_ansi(Text(fit(words, width - 1).rstrip(), style=style), width))
        if keys.cell_len > width - 1:
            keys.truncate(width - 1)
        drawn.append(_ansi(keys, width))
        text = f"{CLEAR_LINE}\r\n".join(line for line in drawn)
        sys.stdout.write(f"{TOP_LEFT}{text}{CLEAR_LINE}{CLEAR_BELOW}")
        sys.stdout.flush()


def keys_line() -> Text:
    line = Text()
    for key, words in KEYS_LINE:
        line.append(f" {key} ", style="reverse").append(f" {words}  ")
    return line


def _ansi(what: Any, width: int) -> str:
    """The lines that rich would print, colours and links included, without the last line's end."""
    real = Console()
    buffer = StringIO()
    console = Console(
        file=buffer,
        force_terminal=True,
        color_system="standard" if real.color_system else None,
        no_color=real.no_color,
        width=width,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
    )
    console.print(what)
    return buffer.getvalue().rstrip("\n")
