"""Refusals: every "no" the domain can say, as classes with data. HTTP numbers live in `ledger/api/errors.py` only.

    Exception
    ├── BrokenInvariant          the books would be wrong: stops the unit of work, nothing is written
    └── Refusal                  a value, or raised by reads; `kind` is one of the eight in `Kind`
        ├── InvalidRequest …     what was sent cannot be meant (a list of field errors)
        ├── NotFound …           no such thing here
        ├── Conflict …           somebody else was first
        └── Refused …            a rule or a floor says no

A refusal knows its sentence in Chinese and in English; both name the numbers and the remedy.
"""

from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, tzinfo
from enum import Enum, StrEnum
from typing import ClassVar
from uuid import UUID


class Kind(StrEnum):
    """What sort of "no" it is. The API maps each to one status number."""

    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    REFUSED = "refused"
    LIMITED = "limited"
    UNAVAILABLE = "unavailable"


class Language(StrEnum):
    ZH = "zh"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in both languages, side by side, so that neither can be forgotten."""

    zh: str
    en: str

    def in_language(self, language: Language) -> str:
        return self.zh if language is Language.ZH else self.en


LABELS: dict[str, Text] = {
    "submitted": Text("待审", "submitted"),
    "verified": Text("已核实", "verified"),
    "rejected": Text("已驳回", "rejected"),
    "duplicate": Text("重复", "duplicate"),
    "settled": Text("已办结", "settled"),
    "revoked": Text("已撤销", "revoked"),
    "proposed": Text("待确认", "proposed"),
    "granted": Text("已授予", "granted"),
    "declined": Text("未授予", "declined"),
    "open": Text("进行中", "open"),
    "provisional": Text("公示中", "provisional"),
    "final": Text("已定榜", "final"),
    "active": Text("正常", "active"),
    "requested": Text("待审批", "requested"),
    "ready": Text("待领取", "ready to be picked up"),
    "fulfilled": Text("已领取", "fulfilled"),
    "cancelled": Text("已取消", "cancelled"),
    "lapsed": Text("逾期未领", "lapsed"),
    "suspended": Text("已暂停", "suspended"),
    "left": Text("已离开", "left"),
}
"""The words a person reads for the values of our enums; a value without one reads as it is."""

NOUNS: dict[str, Text] = {
    "account": Text("账户", "account"),
    "incident": Text("隐患", "incident"),
    "item": Text("商品", "item"),
    "month": Text("月份", "month"),
    "operator": Text("工作人员", "operator"),
    "phone": Text("手机号", "phone number"),
    "problem": Text("错误代码", "error code"),
    "programme": Text("项目", "programme"),
    "proposal": Text("提案", "proposal"),
    "redemption": Text("兑换单", "redemption"),
    "report": Text("上报", "report"),
    "rider": Text("骑手", "rider"),
    "rulebook": Text("规则版本", "rulebook"),
    "service_key": Text("服务密钥", "service key"),
    "sponsor": Text("出资方", "sponsor"),
    "station": Text("驿站", "station"),
    "title": Text("荣誉", "title"),
    "transaction": Text("交易", "transaction"),
    "voucher": Text("兑换券", "voucher"),
}
"""The words a person reads for the glossary's nouns, in the field `noun` of a refusal."""


def label(value: Enum) -> Text:
    plain = str(value.value)
    return LABELS.get(plain, Text(plain, plain))


class BrokenInvariant(Exception):
    """The program is wrong, not the request. The message carries the numbers; nothing is written."""


@dataclass(eq=False)
class Refusal(Exception):
    """A "no" with a stable code. Not frozen: a frozen exception breaks when a context manager touches it."""

    code: ClassVar[str]
    kind: ClassVar[Kind]
    title: ClassVar[Text]
    detail: ClassVar[Text]

    def data(self) -> dict[str, object]:
        """The refusal's own fields as plain values: str, int, bool, None and lists of dicts."""
        return {field.name: _plain(getattr(self, field.name)) for field in fields(self)}

    def wordings(self) -> dict[str, Text]:
        """Parts of the sentence that depend on the data and are in words."""
        return {}

    def sentence(self, language: Language, zone: tzinfo = UTC) -> str:
        """One sentence for a person: numbers in it, states in words, instants in the programme's zone."""
        data = self.data()
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, Enum):
                data[field.name] = label(value).in_language(language)
            elif field.name == "noun":
                data[field.name] = NOUNS[value].in_language(language)
            elif isinstance(value, datetime):
                data[field.name] = f"{value.astimezone(zone):%Y-%m-%d %H:%M}"
        data.update((name, text.in_language(language)) for name, text in self.wordings().items())
        return self.detail.in_language(language).format(**data)

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence(Language.EN)}"


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    return value


# --- what was sent cannot be meant -------------------------------------------------------------------------------


@dataclass(eq=False)
class InvalidRequest(Refusal):
    """`errors` is a list of `{"field", "message"}`, one per fault, in the order of the document."""

    errors: list[dict[str, str]]

    code: ClassVar[str] = "invalid_request"
    kind: ClassVar[Kind] = Kind.INVALID
    title: ClassVar[Text] = Text("请求内容有误", "The request is not valid")
    detail: ClassVar[Text] = Text(
        "请求内容有误，请按 errors 里逐项改正后重发。", "Correct what `errors` lists and send it again."
    )


@dataclass(eq=False)
class InvalidField(Refusal):
    """One value is impossible; found by the domain rather than by the form of the request."""

    field: str
    problem_zh: str
    problem_en: str

    code: ClassVar[str] = "invalid_field"
    kind: ClassVar[Kind] = Kind.INVALID
    title: ClassVar[Text] = Text("有一项内容不对", "A value is not valid")
    detail: ClassVar[Text] = Text("{field}：{problem}", "{field}: {problem}")

    def data(self) -> dict[str, object]:
        return {"field": self.field}

    def sentence(self, language: Language, zone: tzinfo = UTC) -> str:
        problem = Text(self.problem_zh, self.problem_en).in_language(language)
        return self.detail.in_language(language).format(field=self.field, problem=problem)


@dataclass(eq=False)
class UnknownParameter(Refusal):
    parameter: str
    known: str

    code: ClassVar[str] = "unknown_parameter"
    kind: ClassVar[Kind] = Kind.INVALID
    title: ClassVar[Text] = Text("没有这个查询参数", "Unknown query parameter")
    detail: ClassVar[Text] = Text(
        "没有查询参数「{parameter}」。可用的有：{known}。", "There is no query parameter {parameter!r}. Known: {known}."
    )


@dataclass(eq=False)
class InvalidCursor(Refusal):
    code: ClassVar[str] = "invalid_cursor"
    kind: ClassVar[Kind] = Kind.INVALID
    title: ClassVar[Text] = Text("翻页标记无效", "The cursor is not valid")
    detail: ClassVar[Text] = Text(
        "翻页标记无效，请去掉 cursor 从第一页重新开始。", "Leave `cursor` out and start again from the first page."
    )


@dataclass(eq=False)
class IdempotencyKeyRequired(Refusal):
    code: ClassVar[str] = "idempotency_key_required"
    kind: ClassVar[Kind] = Kind.INVALID
    title: ClassVar[Text] = Text("缺少幂等键", "An idempotency key is required")
    detail: ClassVar[Text] = Text(
        "请在请求头 Idempotency-Key 里放一个不重复的值（1 到 200 个可见 ASCII 字符），重试时用同一个值。",
        "Send a header `Idempotency-Key` with a fresh value (1 to 200 visible ASCII characters); repeat it on retries.",
    )


@dataclass(eq=False)
class IdempotencyKeyReused(Refusal):
    key: str

    code: ClassVar[str] = "idempotency_key_reused"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("幂等键已用于另一个请求", "The idempotency key belongs to another request")
    detail: ClassVar[Text] = Text(
        "幂等键「{key}」已用于内容不同的请求，没有做任何改动；请换一个新的键。",
        "Key {key!r} was used for a different request; nothing was changed. Use a new key.",
    )


# --- who is asking ----------------------------------------------------------------------------------------------


@dataclass(eq=False)
class NotSignedIn(Refusal):
    code: ClassVar[str] = "not_signed_in"
    kind: ClassVar[Kind] = Kind.UNAUTHENTICATED
    title: ClassVar[Text] = Text("请先登录", "Sign in first")
    detail: ClassVar[Text] = Text(
        "没有令牌，或令牌无效、已过期、已注销。请重新登录（终端：points login）。",
        "The token is missing, unknown, expired or revoked. Sign in again (terminal: points login).",
    )


@dataclass(eq=False)
class WrongCredentials(Refusal):
    code: ClassVar[str] = "wrong_credentials"
    kind: ClassVar[Kind] = Kind.UNAUTHENTICATED
    title: ClassVar[Text] = Text("登录信息不对", "Wrong credentials")
    detail: ClassVar[Text] = Text(
        "项目编号、用户名或密码（手机号或验证码）不对。请检查后再试；忘记密码请找项目负责人。",
        "Programme, name or password (phone or code) is wrong. Check and try again, or ask the programme's owner.",
    )


@dataclass(eq=False)
class Forbidden(Refusal):
    operation: str
    allowed: str

    code: ClassVar[str] = "forbidden"
    kind: ClassVar[Kind] = Kind.FORBIDDEN
    title: ClassVar[Text] = Text("没有权限", "Not permitted")
    detail: ClassVar[Text] = Text(
        "您的身份不能执行 {operation}；可以执行的有：{allowed}。如有需要，请找项目负责人开通。",
        "Your role may not {operation}; it is for: {allowed}. Ask the programme's owner if you need it.",
    )


@dataclass(eq=False)
class TooManyAttempts(Refusal):
    retry_after_seconds: int

    code: ClassVar[str] = "too_many_attempts"
    kind: ClassVar[Kind] = Kind.LIMITED
    title: ClassVar[Text] = Text("操作太频繁", "Too many attempts")
    detail: ClassVar[Text] = Text(
        "操作太频繁，请 {retry_after_seconds} 秒后再试。",
        "Too many attempts. Try again in {retry_after_seconds} seconds.",
    )


# --- not here ---------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class NotFound(Refusal):
    """`noun` is the resource's name in the glossary; `name` what was asked for."""

    noun: str
    name: str

    code: ClassVar[str] = "not_found"
    kind: ClassVar[Kind] = Kind.NOT_FOUND
    title: ClassVar[Text] = Text("没有找到", "Not found")
    detail: ClassVar[Text] = Text(
        "没有找到{noun}「{name}」。请核对编号；若属于别的项目，请用那个项目的账号。",
        "There is no {noun} {name!r} here. Check the code; if it is another programme's, sign in there.",
    )


# --- somebody was first, or a rule says no -----------------------------------------------------------------------


@dataclass(eq=False)
class AlreadyExists(Refusal):
    noun: str
    name: str

    code: ClassVar[str] = "already_exists"
    kind: ClassVar[Kind] = Kind.CONFLICT
    title: ClassVar[Text] = Text("已经存在", "It exists already")
    detail: ClassVar[Text] = Text(
        "{noun}「{name}」已经存在，请换一个，或使用现有的。",
        "The {noun} {name!r} exists already. Choose another, or use that.",
    )


@dataclass(eq=False)
class ServiceBusy(Refusal):
    retry_after_seconds: int

    code: ClassVar[str] = "service_busy"
    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    title: ClassVar[Text] = Text("系统繁忙", "The service is busy")
    detail: ClassVar[Text] = Text(
        "排队的请求太多，这一个没有执行；请 {retry_after_seconds} 秒后用同一个幂等键重试。",
        "The queue is full and this was not done. Repeat it with the same key in {retry_after_seconds} seconds.",
    )


@dataclass(eq=False)
class StorageUnavailable(Refusal):
    retry_after_seconds: int

    code: ClassVar[str] = "storage_unavailable"
    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    title: ClassVar[Text] = Text("数据库暂时连不上", "The database is not reachable")
    detail: ClassVar[Text] = Text(
        "数据库暂时连不上；请 {retry_after_seconds} 秒后用同一个幂等键重试，不会重复入账。",
        "The database is not reachable. Repeat with the same key in {retry_after_seconds} s; nothing is booked twice.",
    )


@dataclass(eq=False)
class StorageFull(StorageUnavailable):
    code: ClassVar[str] = "storage_full"
    title: ClassVar[Text] = Text("数据库的磁盘满了", "The database's disk is full")
    detail: ClassVar[Text] = Text(
        "数据库的磁盘满了，这次没有入账，查询不受影响；"
        "请管理员腾出空间，{retry_after_seconds} 秒后用同一个幂等键重试。",
        "The database's disk is full; this was not done, reading goes on. Free space there, then repeat with the same "
        "key in {retry_after_seconds} s.",
    )


def known_refusals() -> list[type[Refusal]]:
    """Every concrete refusal class the program has loaded, sorted by code: the one error table."""
    found: list[type[Refusal]] = []
    waiting: list[type[Refusal]] = [Refusal]
    while waiting:
        for subclass in waiting.pop().__subclasses__():
            waiting.append(subclass)
            if "code" in subclass.__dict__:
                found.append(subclass)
    return sorted(found, key=lambda refusal: refusal.code)
