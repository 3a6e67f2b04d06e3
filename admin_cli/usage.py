"""What the command line's own parser objects to, said in the person's language and with the remedy.

The parser inside Typer speaks English and is private to it, so an error is recognised by the name of its class and by
what it carries. An error that a later version may bring and that is unknown here keeps its own words.
"""

from typing import Any

from typer.exceptions import TyperException

from admin_cli.language import t
from admin_cli.printing.text import visible


def usage_message(error: TyperException) -> str:
    """One line on what is wrong, one on where help is."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "points"
    return f"{_fault(error)}\n{t('用法见', 'See')} {path} --help"


def _fault(error: TyperException) -> str:
    match type(error).__name__:
        case "NoSuchOption":
            return _unknown_option(error)
        case "BadOptionUsage":
            name = visible(str(getattr(error, "option_name", "")))
            return t(f"选项 {name} 后面要有一个值。", f"Option {name} needs a value after it.")
        case "MissingParameter":
            return _missing(error)
        case "BadParameter":
            return _bad_value(error)
        case _ if error.message.startswith("Got unexpected extra argument"):
            extra = visible(error.message.partition("(s)")[2].strip(" ()"))
            return t(f"多出来的内容：{extra}", f"Not expected here: {extra}")
        case _:
            return visible(error.format_message())


def _unknown_option(error: Any) -> str:
    name = visible(str(error.option_name))
    near = error.possibilities or []
    guess = t(f"是不是 {near[0]}？", f" Did you mean {near[0]}?") if near else ""
    return t(f"没有选项 {name}。{guess}", f"There is no option {name}.{guess}")


def _missing(error: Any) -> str:
    name = _name(error.param)
    if error.param is not None and error.param.param_type_name == "argument":
        return t(f"缺少参数 {name}。", f"Argument {name} is missing.")
    return t(f"缺少选项 {name}。", f"Option {name} is missing.")


def _bad_value(error: Any) -> str:
    expected = _expected(error.param)
    name = _name(error.param)
    if not expected:
        return t(f"{name} 的值不对：{visible(error.message)}", f"{name}: {visible(error.message)}")
    return t(f"{name} 的值不对，应为{expected}。", f"{name} is not valid: it takes {expected}.")


def _name(parameter: Any) -> str:
    if parameter is None:
        return "?"
    if parameter.param_type_name == "argument":
        return str(parameter.metavar or parameter.name.upper())
    return str(parameter.opts[0])


def _expected(parameter: Any) -> str:
    """What the parameter takes, from its type; empty when the type does not say."""
    descriptor = getattr(parameter, "type_descriptor", None)
    if descriptor is None:
        return ""
    if descriptor.is_choice:
        choices = ", ".join(str(getattr(choice, "value", choice)) for choice in descriptor.choices)
        return t(f"以下之一：{choices}", f"one of {choices}")
    low, high = getattr(parameter, "min", None), getattr(parameter, "max", None)
    if descriptor.annotation is int:
        return t(f"整数{_range(low, high)}", f"a whole number{_range(low, high)}")
    if descriptor.annotation is float:
        return t(f"数{_range(low, high)}", f"a number{_range(low, high)}")
    return ""


def _range(low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return ""
    if high is None:
        return t(f"，至少 {low}", f", {low} at least")
    if low is None:
        return t(f"，至多 {high}", f", {high} at most")
    return t(f"，{low} 到 {high}", f" from {low} to {high}")
