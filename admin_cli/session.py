"""`points login`, `logout`, `whoami`: who the terminal speaks for."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from admin_cli.context import Run, is_loopback
from admin_cli.failures import Failure, usage_failure
from admin_cli.language import t
from admin_cli.output import show_record, write_json
from admin_cli.paths import path
from admin_cli.printing.columns import code, moment, text, word
from admin_cli.printing.words import PRINCIPAL_KINDS
from admin_cli.profile import Profile, delete_profile, write_profile
from admin_cli.terminal import ask_line, ask_secret, read_secret_from_stdin, say

if TYPE_CHECKING:
    from admin_cli.client import Answer, Client

LOGIN_HELP = t(
    "登录服务器，记住令牌\n工作人员用 --name 和密码，骑手用 --phone 和验证码；没写的会问。给了 --token 就直接记住它。",
    "Sign in to a server and keep the token\nOperators by --name and password, riders by --phone and a code; what is "
    "left out is asked for. With --token that one is kept.",
)

PRINCIPAL_COLUMNS = [
    text("name", t("名字", "Name")),
    word("kind", t("身份", "Kind"), PRINCIPAL_KINDS),
    code("roles", t("角色", "Roles")),
    code("scopes", t("权限", "Scopes")),
    code("programme.id", t("项目编号", "Programme number")),
    text("programme.name", t("项目", "Programme")),
    text("server", t("服务器", "Server")),
]

SESSION_COLUMNS = [
    text("principal.name", t("名字", "Name")),
    word("principal.kind", t("身份", "Kind"), PRINCIPAL_KINDS),
    code("principal.roles", t("角色", "Roles")),
    text("principal.programme.name", t("项目", "Programme")),
    moment("expires_at", t("有效期至", "Until")),
    text("server", t("服务器", "Server")),
]


def login(
    ctx: typer.Context,
    programme: Annotated[
        int | None,
        typer.Option("--programme", metavar="N", min=1, help=t("项目编号，例如 330212", "Its number, such as 330212")),
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help=t("工作人员的登录名", "An operator's name"))
    ] = None,
    phone: Annotated[
        str | None,
        typer.Option(
            "--phone", metavar="PHONE", help=t("骑手的手机号（用验证码登录）", "A rider's phone; a code is sent to it")
        ),
    ] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help=t("从标准输入读密码", "Read the password from stdin"))
    ] = False,
    one_time_code: Annotated[
        str | None,
        typer.Option("--code", metavar="CODE", help=t("已经收到的验证码", "The code, if it has come already")),
    ] = None,
) -> None:
    run: Run = ctx.obj
    server = run.server_address()
    if server is None:
        raise usage_failure(t("登录要知道服务器；请加 --server URL。", "Signing in takes a server. Add --server URL."))
    _warn_if_in_clear(server)
    if run.token is not None:
        answer, token = run.client().get(path("principal")), run.token
        _save(run, server, token, answer.body, None)
    else:
        answer = _sign_in(run.anonymous_client(server), programme, name, phone, password_stdin, one_time_code)
        _save(run, server, answer.body["token"], answer.body["principal"], answer.body.get("expires_at"))
    if run.json:
        write_json(answer)


def _sign_in(
    client: "Client",
    programme: int | None,
    name: str | None,
    phone: str | None,
    password_stdin: bool,
    one_time_code: str | None,
) -> "Answer":
    number = programme or _ask_number()
    body: dict[str, object]
    if phone:
        if one_time_code is None:
            client.post(path("one_time_codes"), {"programme": number, "phone": phone}, needs_key=False)
            say(t("验证码已发出，请看短信。", "A code is on its way to the phone."))
            one_time_code = ask_line(t("验证码", "Code"), option="--code")
        body = {"programme": number, "phone": phone, "code": one_time_code}
    else:
        person = name or ask_line(t("登录名", "Name"), option="--name")
        question = t(f"{person} 的密码", f"Password of {person}")
        password = read_secret_from_stdin() if password_stdin else ask_secret(question, option="--password-stdin")
        body = {"programme": number, "name": person, "password": password}
    return client.post(path("sessions"), body, needs_key=False)


def _ask_number() -> int:
    answer = ask_line(t("项目编号", "Programme number"), option="--programme")
    if not answer.isdecimal():
        raise usage_failure(t("项目编号是数字，例如 330212。", "A programme's number is digits, such as 330212."))
    return int(answer)


def _save(run: Run, server: str, token: str, principal: Mapping[str, Any], expires_at: str | None) -> None:
    profile = Profile(
        server=server,
        token=token,
        name=str(principal.get("name", "")),
        programme=str((principal.get("programme") or {}).get("name", "")),
        expires_at=expires_at,
    )
    saved = write_profile(profile)
    run.token = token
    if not run.json:
        show_record(run, {"principal": principal, "expires_at": expires_at, "server": server}, SESSION_COLUMNS)
    say(t(f"已登录，记在 {saved}。", f"Signed in; kept in {saved}."))


def _warn_if_in_clear(server: str) -> None:
    if server.startswith("http://") and not is_loopback(server):
        say(
            t(
                "注意：这个地址不加密（http），密码和令牌会被路上的人看到；请改用 https。",
                "Note: this address is not encrypted (http): others on the way can read the password. Use https.",
            )
        )


def logout(ctx: typer.Context) -> None:
    """The saved token is ended on the server too; when that fails it is still forgotten here."""
    run: Run = ctx.obj
    client = run.saved_client()
    if client is None:
        say(t("本来就没有登录。", "Nobody was signed in."))
        return
    try:
        client.delete(path("sessions", "current"))
    except Failure as failure:
        say(str(failure))
        say(t("服务器上没能注销；本机的登录信息已删除。", "It could not be ended on the server; it is forgotten here."))
    else:
        say(t("已退出登录。", "Signed out."))
    delete_profile()


def whoami(ctx: typer.Context) -> None:
    run: Run = ctx.obj
    answer = run.client().get(path("principal"))
    if run.json:
        write_json(answer)
    else:
        show_record(run, {**answer.body, "server": run.client().where}, PRINCIPAL_COLUMNS)
