"""How a command of this program behaves: the common options on every one, help in our own form, groups that explain.

Nouns are plain Typer apps; `adopt` gives their commands these classes, so a noun's module holds nothing but its verbs.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException

from admin_cli.failures import usage_failure
from admin_cli.help import COMMON_OPTIONS, help_page
from admin_cli.language import Language, t
from admin_cli.printing.text import visible


def _remember(ctx: typer.Context, param: typer.CallbackParam, value: Any) -> Any:
    """Puts a common option where the command finds it. The innermost one that was given wins."""
    if value not in (None, False) and ctx.obj is not None:
        setattr(ctx.obj, str(param.name), value)
    return value


Server = Annotated[
    str | None,
    typer.Option(
        "--server",
        metavar="URL",
        help=t(
            "服务器地址；默认 POINTS_SERVER，再就是 points login 记下的；都没有就直接用本机数据",
            "The server; else POINTS_SERVER, else the one points login saved; with none, this machine's data",
        ),
        callback=_remember,
        expose_value=False,
        rich_help_panel=COMMON_OPTIONS,
    ),
]
Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="DIR",
        help=t("不连服务器，直接用这个目录里的数据", "Use the data in this folder, without a server"),
        callback=_remember,
        expose_value=False,
        rich_help_panel=COMMON_OPTIONS,
    ),
]


def _common_options(
    json: Annotated[
        bool,
        typer.Option(
            "--json",
            help=t("原样输出接口的答复（JSON，时间为 UTC）", "Print exactly what the API said (JSON, times in UTC)"),
            callback=_remember,
            expose_value=False,
            rich_help_panel=COMMON_OPTIONS,
        ),
    ] = False,
    server: Server = None,
    token: Annotated[
        str | None,
        typer.Option(
            "--token",
            metavar="TOKEN",
            help=t(
                "令牌；默认 POINTS_TOKEN，再就是 points login 记下的",
                "The token; else POINTS_TOKEN, else the saved one",
            ),
            callback=_remember,
            expose_value=False,
            rich_help_panel=COMMON_OPTIONS,
        ),
    ] = None,
    data: Data = None,
    lang: Annotated[
        Language | None,
        typer.Option(
            "--lang",
            metavar="zh|en",
            help=t("语言；默认 POINTS_LANG，再就是系统语言", "The language; else POINTS_LANG, else the locale"),
            expose_value=False,
            rich_help_panel=COMMON_OPTIONS,
        ),
    ] = None,
) -> None:
    """Never called: only its parameters are wanted. `--lang` has taken effect before any of this ran."""


def _make_common_parameters() -> list[Any]:
    template = typer.Typer(add_completion=False)
    template.command()(_common_options)
    return list(typer.main.get_command(template).params)


COMMON_PARAMETERS = _make_common_parameters()
"""Made once and shared: parameters keep no state of a run, and making them for 60 commands would slow `--help`."""


def _with_common(params: list[Any] | None) -> list[Any]:
    """The command's own parameters first; one that it declares itself replaces the common one."""
    own = list(params or [])
    taken = {option for parameter in own for option in parameter.opts}
    return own + [parameter for parameter in COMMON_PARAMETERS if not taken.intersection(parameter.opts)]


@contextmanager
def _naming_the_command(ctx: Any) -> Iterator[None]:
    """The parser forgets to say in which command an option had no value; the message wants to name it."""
    try:
        yield
    except TyperException as error:
        if getattr(error, "ctx", None) is None:
            error.ctx = ctx  # type: ignore[attr-defined]
        raise


class PointsCommand(TyperCommand):
    def __init__(self, name: str | None, *, params: list[Any] | None = None, **settings: Any) -> None:
        super().__init__(name, params=_with_common(params), **settings)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        with _naming_the_command(ctx):
            return super().parse_args(ctx, args)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        formatter.write(help_page(self, ctx))


class PointsGroup(TyperGroup):
    """A noun without a verb shows its help and is no error: that is how people look around."""

    def __init__(self, *, params: list[Any] | None = None, **settings: Any) -> None:
        super().__init__(params=_with_common(params), **settings)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        formatter.write(help_page(self, ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        with _naming_the_command(ctx):
            return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        if not ctx._protected_args:
            typer.echo(ctx.get_help())
            return None
        return super().invoke(ctx)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-") and not ctx.resilient_parsing:
            raise usage_failure(self._unknown_command(ctx, name))
        return super().resolve_command(ctx, args)

    def _unknown_command(self, ctx: Any, name: str) -> str:
        near = get_close_matches(name, self.list_commands(ctx), n=1)
        guess = t(f"是不是 {near[0]}？", f" Did you mean {near[0]}?") if near else ""
        return t(
            f"没有命令「{visible(name)}」。{guess}看看有哪些：{ctx.command_path} --help",
            f"There is no command {visible(name)!r}.{guess} See what there is: {ctx.command_path} --help",
        )


def adopt(app: typer.Typer) -> None:
    """Gives the app's commands and groups, and those below, the behaviour of this program."""
    for command in app.registered_commands:
        command.cls = PointsCommand
    for group in app.registered_groups:
        group.cls = PointsGroup
        if group.typer_instance is not None:
            adopt(group.typer_instance)
