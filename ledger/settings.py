"""Settings from the environment, frozen, each explained; secrets do not print."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

SECRET_LENGTH_MIN = 32
"""Shorter secrets can be guessed; `python3 -c 'import secrets; print(secrets.token_urlsafe(32))'` makes a good one."""


class SettingsError(Exception):
    """A setting is missing or impossible. The message names it and the remedy, in both languages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything a server process is told from outside.

    database_url       LEDGER_DATABASE_URL       `sqlite:///FILE` or `postgresql://…`
    secret             LEDGER_SECRET             encrypts phone numbers; keep it, without it they are lost
    platform_token     LEDGER_PLATFORM_TOKEN     may create programmes and nothing else; unset: nobody may
    sms                LEDGER_SMS                where codes go: `console` (demo) or a gateway's address; unset: off
    argon2_time_cost   LEDGER_ARGON2_TIME_COST   passes over the memory for each password; 1 in tests
    argon2_memory_kib  LEDGER_ARGON2_MEMORY_KIB  memory for each password
    """

    database_url: str = field(repr=False)
    secret: str = field(repr=False)
    platform_token: str | None = field(default=None, repr=False)
    sms: str | None = None
    argon2_time_cost: int = 2
    argon2_memory_kib: int = 19_456

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Raises SettingsError."""
        return cls(
            database_url=_required(environment, "LEDGER_DATABASE_URL", "sqlite:///ledger.db"),
            secret=_secret(environment),
            platform_token=environment.get("LEDGER_PLATFORM_TOKEN") or None,
            sms=environment.get("LEDGER_SMS") or None,
            argon2_time_cost=_number(environment, "LEDGER_ARGON2_TIME_COST", 2),
            argon2_memory_kib=_number(environment, "LEDGER_ARGON2_MEMORY_KIB", 19_456),
        )


def _required(environment: Mapping[str, str], name: str, example: str) -> str:
    if value := environment.get(name):
        return value
    raise SettingsError(f"请设置环境变量 {name}，例如 {example}。 / Set {name}, for example {example}.")


def _secret(environment: Mapping[str, str]) -> str:
    secret = _required(environment, "LEDGER_SECRET", "$(python3 -c 'import secrets; print(secrets.token_urlsafe(32))')")
    if len(secret) < SECRET_LENGTH_MIN:
        raise SettingsError(
            f"LEDGER_SECRET 至少 {SECRET_LENGTH_MIN} 个字符。 / LEDGER_SECRET needs {SECRET_LENGTH_MIN} characters."
        )
    return secret


def _number(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name)
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 7 or not 1 <= int(text) <= 2**20:
        raise SettingsError(f"{name} 要是 1 到 {2**20} 的整数。 / {name} must be a whole number from 1 to {2**20}.")
    return int(text)
