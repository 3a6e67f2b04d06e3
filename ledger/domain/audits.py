"""What an audit may be refused for."""

from dataclasses import dataclass
from typing import ClassVar

from ledger.domain.errors import Kind, Refusal, Text


@dataclass(eq=False)
class AuditRunning(Refusal):
    retry_after_seconds: int

    code: ClassVar[str] = "audit_running"
    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    title: ClassVar[Text] = Text("正在核查", "An audit is running")
    detail: ClassVar[Text] = Text(
        "已有一次核查正在进行，为了不耽误其他人，这一次没有开始；请等它结束后再试。",
        "An audit is running already, and a second would hold up everybody else; this one was not begun. Try again "
        "when it has ended.",
    )
