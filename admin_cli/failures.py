"""The one exception that ends a command: a sentence for a person, and an exit code for a script.

Everything that can go wrong outside our own code becomes a `Failure`; `app.main` prints it on stderr. Anything else
that reaches `main` is a bug and keeps its traceback.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from admin_cli.exits import ExitCode, exit_for_status
from admin_cli.language import t
from admin_cli.printing.text import visible

FIELD_ERRORS_SHOWN_MAX = 8
"""How many faults of an invalid request are printed; a screen is not a list of a thousand rows."""


@dataclass(eq=False)
class Failure(Exception):
    """`message` holds the remedy. `code` is the API's stable code, where the API said no."""

    message: str
    exit_code: ExitCode
    code: str | None = None

    def __str__(self) -> str:
        return f"{self.message} [{self.code}]" if self.code else self.message


def usage_failure(message: str) -> Failure:
    return Failure(message, ExitCode.USAGE)


def problem_failure(status: int, problem: Mapping[str, Any]) -> Failure:
    """What the API's problem document says, its field errors included."""
    detail = (
        problem.get("detail") or problem.get("title") or t(f"服务器答复 {status}。", f"The server answered {status}.")
    )
    lines = [visible(str(detail))]
    errors = problem.get("errors")
    if isinstance(errors, list):
        for error in errors[:FIELD_ERRORS_SHOWN_MAX]:
            lines.append(f"  {visible(str(error.get('field')))}: {visible(str(error.get('message')))}")
        if len(errors) > FIELD_ERRORS_SHOWN_MAX:
            more = len(errors) - FIELD_ERRORS_SHOWN_MAX
            lines.append(t(f"  ……还有 {more} 处", f"  … and {more} more"))
    if status == 401 and problem.get("code") != "wrong_credentials" and "points login" not in lines[0]:
        lines.append(t("请先登录：points login", "Sign in first: points login"))
    code = problem.get("code")
    return Failure("\n".join(lines), exit_for_status(status), visible(str(code)) if code else None)
