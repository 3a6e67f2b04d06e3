"""Exit codes: what a script may rely on. `points exits` prints this table, the tests hold the program to it."""

from enum import IntEnum

from admin_cli.language import t


class ExitCode(IntEnum):
    OK = 0
    REFUSED = 1
    USAGE = 2
    FORBIDDEN = 3
    NOT_FOUND = 4
    UNAVAILABLE = 5
    INTERRUPTED = 130
    """128 + SIGINT, as every shell has it."""


MEANINGS: dict[ExitCode, str] = {
    ExitCode.OK: t("完成。", "Done."),
    ExitCode.REFUSED: t(
        "被拒绝：规则或余额不允许，别人已经处理，批量中有被拒的，核查有发现，或者您在确认时答了否。什么坏事都没有发生，读一下说明再决定。",
        "Refused: a rule or a balance says no, somebody else was first, some of a bulk were refused, an audit has "
        "findings, or you answered no. Nothing broke; read the sentence and decide.",
    ),
    ExitCode.USAGE: t(
        "命令写得不对，或请求内容有误。改正后再试。",
        "The command line or the request is not valid. Correct it and try again.",
    ),
    ExitCode.FORBIDDEN: t(
        "没有登录、登录已过期，或您的身份没有这个权限。",
        "Not signed in, the sign-in has expired, or your role may not do this.",
    ),
    ExitCode.NOT_FOUND: t("没有这样东西。检查编号。", "There is no such thing. Check the code."),
    ExitCode.UNAVAILABLE: t(
        "服务器不可用：连不上、超时、出错，或对面不是积分账本。稍后再试。",
        "The server is not available: no connection, a time-out, an error, or not a points ledger. Try again later.",
    ),
    ExitCode.INTERRUPTED: t("您按了 Ctrl-C。", "You pressed Ctrl-C."),
}

STATUS_EXITS = {
    400: ExitCode.USAGE,
    401: ExitCode.FORBIDDEN,
    403: ExitCode.FORBIDDEN,
    404: ExitCode.NOT_FOUND,
    413: ExitCode.USAGE,
    429: ExitCode.UNAVAILABLE,
}
"""Statuses that do not follow from their hundred. 429 is "later", like 503."""


def exit_for_status(status: int) -> ExitCode:
    if status >= 500:
        return ExitCode.UNAVAILABLE
    return STATUS_EXITS.get(status, ExitCode.REFUSED)
