"""Help pages, in our own form: both languages, aligned by cells, and without loading a drawing library.

Typer's own page would be in English around our texts, would wrap Chinese by `len`, and takes a tenth of a second.
"""

import shutil
from collections.abc import Iterable, Sequence
from typing import Any

import typer
from typer.core import TyperGroup

from admin_cli.language import t
from admin_cli.printing.text import fit, width_of, wrap

COMMON_OPTIONS = "common"
"""Marks the options that every command has; they stand in a section of their own, and not on a noun's page."""

DAILY = t("日常", "Every day")
BOOKS = t("账目与规则", "Books and rules")
KEEPING = t("管理", "Keeping")
SIGNING_IN = t("登录与说明", "Signing in, and help")
SECTIONS = (DAILY, BOOKS, KEEPING, SIGNING_IN)
"""Headings of the program's own page, in their order. The parser would put single commands before all nouns."""

WIDTH_MAX = 100
"""Lines longer than this are tiring to read, however wide the terminal is."""

LEFT_WIDTH_MAX = 30
INDENT = "  "

Rows = Sequence[tuple[str, str]]


def help_page(command: Any, ctx: Any) -> str:
    width = min(shutil.get_terminal_size().columns, WIDTH_MAX)
    lines = [*_usage(command, ctx, width), ""]
    for paragraph in (command.help or "").split("\n"):
        lines.extend(wrap(paragraph, width))
    arguments = [parameter for parameter in command.params if parameter.param_type_name == "argument"]
    options = [parameter for parameter in command.params if parameter.param_type_name == "option"]
    options = [option for option in options if not option.hidden]
    own = [option for option in options if option.rich_help_panel != COMMON_OPTIONS]
    common = [option for option in options if option.rich_help_panel == COMMON_OPTIONS]
    lines += _section(t("参数", "Arguments"), [(_argument(one), _described(one)) for one in arguments], width)
    if isinstance(command, TyperGroup):
        for title, rows in _commands(command, ctx):
            lines += _section(title, rows, width)
    help_row = ("--help", t("显示这页说明", "Show this page"))
    lines += _section(t("选项", "Options"), [*((_option(one), _described(one)) for one in own), help_row], width)
    if ctx.parent is None or not isinstance(command, TyperGroup):
        title = t("通用选项（放在哪里都行）", "Options of every command")
        lines += _section(title, [(_option(one), _described(one)) for one in common], width)
    if command.epilog:
        lines.append("")
        for paragraph in command.epilog.split("\n"):
            lines.extend(wrap(paragraph, width))
    return "\n".join(lines) + "\n"


def _usage(command: Any, ctx: Any, width: int) -> list[str]:
    pieces = [ctx.command_path]
    if isinstance(command, TyperGroup):
        pieces.append(t("命令 …", "COMMAND …"))
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            pieces.append(_argument(parameter))
        elif parameter.required:
            pieces.append(_option(parameter))
    if not isinstance(command, TyperGroup):
        pieces.append(t("[选项]", "[OPTIONS]"))
    title = t("用法：", "Usage: ")
    first, *rest = wrap(" ".join(pieces), width - width_of(title))
    return [typer.style(title, bold=True) + first, *(" " * width_of(title) + line for line in rest)]


def _section(title: str, rows: Rows, width: int) -> list[str]:
    if not rows:
        return []
    left = min(LEFT_WIDTH_MAX, max(width_of(term) for term, _ in rows))
    lines = ["", typer.style(title, bold=True)]
    for term, words in rows:
        first, *rest = wrap(words, max(20, width - left - 2 * len(INDENT)))
        if width_of(term) > left:
            lines.append(INDENT + term)
            rest.insert(0, first)
        else:
            lines.append(f"{INDENT}{fit(term, left)}{INDENT}{first}".rstrip())
        lines.extend(f"{INDENT}{' ' * left}{INDENT}{part}" for part in rest)
    return lines


def _commands(group: Any, ctx: Any) -> Iterable[tuple[str, Rows]]:
    """The group's commands under their headings; within one in the order in which they were registered."""
    sections: dict[str, list[tuple[str, str]]] = {title: [] for title in SECTIONS}
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        if not command.hidden:
            title = command.rich_help_panel or t("命令", "Commands")
            sections.setdefault(title, []).append((name, short_help(command)))
    return sections.items()


def short_help(command: Any) -> str:
    """The first line of the help, as it stands in a list of commands."""
    first = (command.short_help or command.help or "").strip().split("\n")[0]
    return str(first)


def _argument(parameter: Any) -> str:
    name = parameter.metavar or parameter.name.upper()
    many = " …" if parameter.nargs == -1 else ""
    return f"{name}{many}" if parameter.required else f"[{name}{many}]"


def _option(parameter: Any) -> str:
    names = ", ".join([*parameter.opts, *parameter.secondary_opts])
    if parameter.is_flag:
        return names
    return f"{names} {parameter.metavar or parameter.name.upper()}"


def _described(parameter: Any) -> str:
    remarks = []
    if parameter.required and parameter.param_type_name == "option":
        remarks.append(t("必填", "required"))
    if parameter.multiple:
        remarks.append(t("可以多次", "may be repeated"))
    if parameter.show_default and parameter.default not in (None, False, (), []):
        remarks.append(t(f"默认 {parameter.default}", f"default {parameter.default}"))
    remark = t("；", "; ").join(remarks)
    words = parameter.help or ""
    return t(f"{words}（{remark}）", f"{words} ({remark})") if remark else words
