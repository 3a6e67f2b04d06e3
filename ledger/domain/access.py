"""Who may be somebody here: roles of operators, scopes of service keys, kinds of principal. Who may do what is one
table in `ledger/api/permissions.py`."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from ledger.domain.errors import Kind, Refusal, Text


class Role(StrEnum):
    REVIEWER = "reviewer"
    APPROVER = "approver"
    KEEPER = "keeper"
    MANAGER = "manager"
    AUDITOR = "auditor"
    OWNER = "owner"


class Scope(StrEnum):
    REPORTS_WRITE = "reports:write"
    REPORTS_READ = "reports:read"
    IMPORTS_WRITE = "imports:write"
    EVENTS_READ = "events:read"
    EXPORTS_READ = "exports:read"


class PrincipalKind(StrEnum):
    OPERATOR = "operator"
    RIDER = "rider"
    SERVICE = "service"
    PLATFORM = "platform"


TOKEN_MARK = {PrincipalKind.OPERATOR: "op", PrincipalKind.RIDER: "rd", PrincipalKind.SERVICE: "sk"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who is asking. `actor` is how the books will print it; `subject_id` the operator's, rider's or key's id."""

    kind: PrincipalKind
    programme_id: int
    subject_id: UUID
    name: str
    roles: frozenset[Role] = frozenset()
    scopes: frozenset[Scope] = frozenset()

    @property
    def actor(self) -> str:
        prefix = "key" if self.kind is PrincipalKind.SERVICE else self.kind.value
        return f"{prefix}/{self.name}"


SYSTEM_ACTOR = "system"


@dataclass(eq=False)
class OwnAccount(Refusal):
    """Nobody locks themselves out, so a programme never loses its last owner."""

    name: str

    code: ClassVar[str] = "own_account"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("不能停用自己", "Not your own account")
    detail: ClassVar[Text] = Text(
        "「{name}」是您自己的账号，不能自己停用；请让另一位负责人来做。",
        "{name!r} is your own account and you cannot deactivate it. Have another owner do it.",
    )
