"""Secrets: passwords, tokens, one-time codes, and the vault that keeps phone numbers.

Nothing here touches the database; what it makes is stored hashed or encrypted. Errors are False or None, never a hint.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from typing import Self

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ledger.domain.access import TOKEN_MARK, PrincipalKind

TOKEN_BYTES = 32
"""256 random bits: guessing is out of the question, so a plain SHA-256 is enough to store them."""

CODE_DIGITS = 6
PASSWORD_LENGTH_MIN = 8
PASSWORD_LENGTH_MAX = 200
"""Argon2 hashes what it is given; without a limit a megabyte of password would cost a second."""

NONCE_BYTES = 12
"""Source: NIST SP 800-38D §8.2."""

_TOKEN_PREFIX = "cpl"


def new_token(kind: PrincipalKind, programme_id: int) -> str:
    """`cpl_op_330212_…`: says what it is (for secret scanners), and in which programme to look it up."""
    return f"{_TOKEN_PREFIX}_{TOKEN_MARK[kind]}_{programme_id}_{secrets.token_urlsafe(TOKEN_BYTES)}"


def token_sha256(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def programme_of_token(token: str) -> int | None:
    """The programme a token says it belongs to, or None when it is not one of ours."""
    parts = token.split("_", 3)
    if len(parts) != 4 or parts[0] != _TOKEN_PREFIX or not parts[2].isascii() or not parts[2].isdigit():
        return None
    return int(parts[2]) if len(parts[2]) <= 12 else None


def new_one_time_code() -> str:
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"


@dataclass(frozen=True, slots=True)
class Passwords:
    """Argon2id. `time_cost` and `memory_kib` are settings: half a second by default, next to nothing in tests."""

    time_cost: int = 2
    memory_kib: int = 19_456  # Source: OWASP Password Storage Cheat Sheet, Argon2id minimum
    _hasher: PasswordHasher = field(init=False, repr=False)
    _nobodys_hash: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        hasher = PasswordHasher(time_cost=self.time_cost, memory_cost=self.memory_kib, parallelism=1)
        object.__setattr__(self, "_hasher", hasher)
        object.__setattr__(self, "_nobodys_hash", hasher.hash(secrets.token_urlsafe()))

    def hash(self, password: str) -> str:
        return self._hasher.hash(password)

    def verify(self, password: str, password_hash: str | None) -> bool:
        """False for a wrong password and for a name nobody has, after the same time."""
        try:
            self._hasher.verify(password_hash or self._nobodys_hash, password)
        except (VerificationError, InvalidHashError):
            return False
        return password_hash is not None


@dataclass(frozen=True, slots=True)
class Vault:
    """Encrypts phone numbers and makes the keyed hashes they are found by. The keys are derived from one secret.

    Without the secret neither can be read nor guessed: a plain hash of an 11-digit number falls in minutes.
    """

    _cipher_key: bytes = field(repr=False)
    _hash_key: bytes = field(repr=False)

    @classmethod
    def from_secret(cls, secret: str) -> Self:
        return cls(_derive(secret, b"phone encryption"), _derive(secret, b"phone and code hashes"))

    def encrypt(self, clear: str) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + AESGCM(self._cipher_key).encrypt(nonce, clear.encode(), None)

    def decrypt(self, sealed: bytes) -> str | None:
        """None when the secret is another one than it was encrypted with."""
        try:
            return AESGCM(self._cipher_key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None).decode()
        except InvalidTag:
            return None

    def keyed_hash(self, clear: str) -> bytes:
        return hmac.digest(self._hash_key, clear.encode(), "sha256")


def same(one: bytes, other: bytes) -> bool:
    """Equality in constant time."""
    return hmac.compare_digest(one, other)


def _derive(secret: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"city-partner-ledger " + purpose).derive(
        secret.encode()
    )
