"""/v1/sessions, /v1/one_time_codes, /v1/principal: signing in and out, and who one is."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec
from litestar import Controller, Request, Response, delete, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import JSONBody

from ledger import sms
from ledger.api.auth import EXPIRES_AT, bearer_token
from ledger.api.forms import LINE
from ledger.api.runtime import Runtime
from ledger.api.writes import Write, answers
from ledger.domain.access import Principal, PrincipalKind
from ledger.domain.errors import InvalidField, Kind, Refusal, Text, WrongCredentials
from ledger.domain.riders import check_phone
from ledger.queries import access as access_queries
from ledger.queries import programmes as programme_queries
from ledger.queries import riders as rider_queries
from ledger.services import access
from ledger.services.access import CloseSession, OpenSession, RedeemCode, SendCode
from ledger.services.credentials import PASSWORD_LENGTH_MAX, new_one_time_code, new_token, token_sha256
from ledger.storage.group_commit import UseCase
from ledger.storage.tables import PROGRAMME_ID_MAX

ProgrammeId = Annotated[int, msgspec.Meta(ge=1, le=PROGRAMME_ID_MAX)]


@dataclass(eq=False)
class SmsUnavailable(Refusal):
    retry_after_seconds: int

    code: ClassVar[str] = "sms_unavailable"
    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    title: ClassVar[Text] = Text("短信发不出去", "The code cannot be sent")
    detail: ClassVar[Text] = Text(
        "验证码短信发不出去，请 {retry_after_seconds} 秒后再试；一直不行请到驿站找工作人员。",
        "The code cannot be sent. Try again in {retry_after_seconds} seconds, or ask at the station.",
    )


class SignIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Operators: `name` and `password`. Riders: `phone` and the `code` sent to it."""

    programme: ProgrammeId
    name: Annotated[str, msgspec.Meta(max_length=40, pattern=LINE)] | None = None
    password: Annotated[str, msgspec.Meta(max_length=PASSWORD_LENGTH_MAX, pattern=LINE)] | None = None
    phone: Annotated[str, msgspec.Meta(max_length=20, pattern=LINE)] | None = None
    code: Annotated[str, msgspec.Meta(max_length=10, pattern=LINE)] | None = None


class CodeRequest(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    programme: ProgrammeId
    phone: Annotated[str, msgspec.Meta(max_length=20, pattern=LINE)]


class CodeSent(msgspec.Struct, kw_only=True):
    expires_at: datetime


class ProgrammeName(msgspec.Struct, kw_only=True):
    id: int
    name: str


class PrincipalBody(msgspec.Struct, kw_only=True):
    kind: PrincipalKind
    name: str
    roles: list[str]
    scopes: list[str]
    programme: ProgrammeName | None
    expires_at: datetime | None


class SessionBody(msgspec.Struct, kw_only=True):
    token: str
    expires_at: datetime
    principal: PrincipalBody


class SessionsController(Controller):
    path = "/sessions"
    tags = ["sessions"]

    @post(operation_id="create_session", summary="Sign in", responses=answers(SessionBody, success=201))
    async def create_session(
        self, request: Request[Any, Any, Any], runtime: NamedDependency[Runtime], data: JSONBody[SignIn]
    ) -> Response[bytes]:
        """A bearer token for the right name and password, or phone and code. Needs no Idempotency-Key."""
        if data.name is not None and data.password is not None:
            return await _sign_in_operator(request, runtime, data.programme, data.name, data.password)
        if data.phone is not None and data.code is not None:
            return await _sign_in_rider(request, runtime, data.programme, data.phone, data.code)
        raise InvalidField(
            field="name",
            problem_zh="请给出 name 和 password，或 phone 和 code。",
            problem_en="give `name` and `password`, or `phone` and `code`.",
        )

    @delete("/current", operation_id="delete_session", summary="Sign out", status_code=204)
    async def delete_session(
        self,
        request: Request[Any, Any, Any],
        runtime: NamedDependency[Runtime],
        principal: NamedDependency[Principal],
    ) -> None:
        await Write(request=request, runtime=runtime, principal=principal).one(
            access.close_sessions,
            CloseSession(token_sha256=token_sha256(bearer_token(request))),
            to_body=lambda _done: None,
            keeps_answer=False,
        )
        runtime.forget_principals()


@post(
    "/one_time_codes",
    operation_id="create_one_time_code",
    tags=["sessions"],
    summary="Send a one-time code to a rider's phone",
    status_code=202,
    responses=answers(CodeSent, 429, 503, success=202),
)
async def create_one_time_code(
    request: Request[Any, Any, Any], runtime: NamedDependency[Runtime], data: JSONBody[CodeRequest]
) -> Response[bytes]:
    """Answers the same, after the same time, whether or not anybody has the phone: the list of riders cannot be probed.

    So the message is sent after the answer, and a gateway's failure is told to the log and not to who asked."""
    if refusal := check_phone(data.phone):
        raise refusal
    if runtime.settings.sms is None:
        raise SmsUnavailable(retry_after_seconds=60)
    await asyncio.to_thread(_check_programme, runtime, data.programme)
    code = new_one_time_code()
    phone_hash = runtime.vault.keyed_hash(data.phone)
    response = await Write(request=request, runtime=runtime, principal=_nobody(data.programme)).one(
        access.send_codes,
        SendCode(phone_hash=phone_hash, code_hash=runtime.vault.keyed_hash(code + data.phone)),
        to_body=lambda done: CodeSent(expires_at=done.expires_at),
        status=202,
        keeps_answer=False,
    )
    known = await asyncio.to_thread(_find_rider, runtime, data.programme, phone_hash)
    if response.status_code == 202 and known:
        response.background = BackgroundTask(_send_code, runtime.settings.sms, phone=data.phone, code=code)
    return response


@get("/principal", operation_id="get_principal", tags=["sessions"], summary="Who I am", sync_to_thread=True)
def get_principal(
    request: Request[Any, Any, Any], runtime: NamedDependency[Runtime], principal: NamedDependency[Principal]
) -> PrincipalBody:
    return _principal_body(runtime, principal, request.scope["state"].get(EXPIRES_AT))


async def _sign_in_operator(
    request: Request[Any, Any, Any], runtime: Runtime, programme_id: int, name: str, password: str
) -> Response[bytes]:
    principal = await asyncio.to_thread(_verify_password, runtime, programme_id, name, password)
    token = new_token(PrincipalKind.OPERATOR, programme_id)
    command = OpenSession(
        kind=PrincipalKind.OPERATOR, subject_id=principal.subject_id, token_sha256=token_sha256(token)
    )
    return await _open(request, runtime, principal, token, use_case=access.open_sessions, command=command)


async def _sign_in_rider(
    request: Request[Any, Any, Any], runtime: Runtime, programme_id: int, phone: str, code: str
) -> Response[bytes]:
    await asyncio.to_thread(_check_programme, runtime, programme_id)
    phone_hash = runtime.vault.keyed_hash(phone)
    principal = await asyncio.to_thread(_find_rider, runtime, programme_id, phone_hash)
    token = new_token(PrincipalKind.RIDER, programme_id)
    command = RedeemCode(
        phone_hash=phone_hash,
        code_hash=runtime.vault.keyed_hash(code + phone),
        subject_id=principal.subject_id if principal else None,
        token_sha256=token_sha256(token),
    )
    return await _open(
        request, runtime, principal or _nobody(programme_id), token, use_case=access.redeem_codes, command=command
    )


async def _open(
    request: Request[Any, Any, Any],
    runtime: Runtime,
    principal: Principal,
    token: str,
    *,
    use_case: UseCase,
    command: OpenSession | RedeemCode,
) -> Response[bytes]:
    body = await asyncio.to_thread(_principal_body, runtime, principal, None)
    return await Write(request=request, runtime=runtime, principal=principal).one(
        use_case,
        command,
        to_body=lambda done: SessionBody(
            token=token,
            expires_at=done.expires_at,
            principal=msgspec.structs.replace(body, expires_at=done.expires_at),
        ),
        status=201,
        keeps_answer=False,
    )


async def _send_code(target: str, *, phone: str, code: str) -> None:
    """Sent, or logged as not sent: nobody waits for it any more."""
    with suppress(sms.SmsFailed):
        await asyncio.to_thread(sms.send_code, target, phone=phone, code=code)


def _verify_password(runtime: Runtime, programme_id: int, name: str, password: str) -> Principal:
    """Raises WrongCredentials, after the same time whether the name or the password was wrong."""
    with runtime.reading() as connection:
        found = access_queries.read_credentials(connection, programme_id, name)
    if not runtime.passwords.verify(password, found.password_hash if found else None) or found is None:
        raise WrongCredentials
    return found.principal


def _check_programme(runtime: Runtime, programme_id: int) -> None:
    """Raises NotFound."""
    runtime.zone_of(programme_id)


def _find_rider(runtime: Runtime, programme_id: int, phone_hash: bytes) -> Principal | None:
    with runtime.reading() as connection:
        rider = rider_queries.read_rider_by_phone(connection, programme_id, phone_hash)
    if rider is None:
        return None
    return Principal(kind=PrincipalKind.RIDER, programme_id=programme_id, subject_id=rider.id, name=rider.code)


def _nobody(programme_id: int) -> Principal:
    """For writes before anybody is known; it holds no role and appears in no book."""
    return Principal(kind=PrincipalKind.RIDER, programme_id=programme_id, subject_id=UUID(int=0), name="-")


def _principal_body(runtime: Runtime, principal: Principal, expires_at: datetime | None) -> PrincipalBody:
    programme = None
    if principal.programme_id:
        with runtime.reading() as connection:
            record = programme_queries.read_programme(connection, principal.programme_id)
        programme = ProgrammeName(id=record.id, name=record.name)
    return PrincipalBody(
        kind=principal.kind,
        name=principal.name,
        roles=sorted(principal.roles),
        scopes=sorted(principal.scopes),
        programme=programme,
        expires_at=expires_at,
    )
