"""How the tests deploy the service: its settings, and a clock that they move."""

from datetime import UTC, datetime, timedelta

from ledger.settings import Settings

PLATFORM_TOKEN = "platform-token-of-the-tests"
START = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
"""A Tuesday, 10:00 in Ningbo: far from every boundary of day, month and year."""


def test_settings(url: str) -> Settings:
    return Settings(
        database_url=url,
        secret="a secret of the tests, long enough",
        platform_token=PLATFORM_TOKEN,
        sms="console",
        argon2_time_cost=1,
        argon2_memory_kib=64,
    )


test_settings.__test__ = False  # type: ignore[attr-defined]


class MovingClock:
    """Stands where it was put."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_time(self, **duration: float) -> None:
        self.now += timedelta(**duration)
