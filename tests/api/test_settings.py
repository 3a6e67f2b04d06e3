"""Settings: what is missing or impossible is said in both languages, with the remedy; secrets do not print."""

import pytest

from ledger.settings import SECRET_LENGTH_MIN, Settings, SettingsError

GOOD = {"LEDGER_DATABASE_URL": "postgresql://ledger:db-password@db/ledger", "LEDGER_SECRET": "s" * SECRET_LENGTH_MIN}


def test_two_settings_are_enough() -> None:
    settings = Settings.from_environment(GOOD)
    assert settings.database_url == GOOD["LEDGER_DATABASE_URL"]
    assert (settings.platform_token, settings.sms) == (None, None)


def test_every_setting_is_read() -> None:
    settings = Settings.from_environment(
        GOOD
        | {
            "LEDGER_PLATFORM_TOKEN": "platform",
            "LEDGER_SMS": "console",
            "LEDGER_ARGON2_TIME_COST": "3",
            "LEDGER_ARGON2_MEMORY_KIB": "65536",
        }
    )
    assert (settings.platform_token, settings.sms) == ("platform", "console")
    assert (settings.argon2_time_cost, settings.argon2_memory_kib) == (3, 65_536)


@pytest.mark.parametrize(
    "change",
    [
        {"LEDGER_DATABASE_URL": ""},
        {"LEDGER_SECRET": ""},
        {"LEDGER_SECRET": "s" * (SECRET_LENGTH_MIN - 1)},
        {"LEDGER_ARGON2_TIME_COST": "0"},
        {"LEDGER_ARGON2_TIME_COST": "two"},
        {"LEDGER_ARGON2_MEMORY_KIB": "９"},
        {"LEDGER_ARGON2_MEMORY_KIB": "-1"},
        {"LEDGER_ARGON2_MEMORY_KIB": "1" * 5_000},
    ],
)
def test_an_impossible_setting_is_named_in_both_languages(change: dict[str, str]) -> None:
    with pytest.raises(SettingsError) as raised:
        Settings.from_environment(GOOD | change)
    chinese, english = str(raised.value).split(" / ")
    [name] = change
    assert name in chinese and name in english
    assert any("一" <= character <= "鿿" for character in chinese)


def test_an_empty_optional_setting_is_off() -> None:
    settings = Settings.from_environment(GOOD | {"LEDGER_PLATFORM_TOKEN": "", "LEDGER_SMS": ""})
    assert (settings.platform_token, settings.sms) == (None, None)


def test_secrets_do_not_print() -> None:
    settings = Settings.from_environment(GOOD | {"LEDGER_PLATFORM_TOKEN": "a-platform-token"})
    for secret in ("db-password", "sss", "a-platform-token"):
        assert secret not in repr(settings)
        assert secret not in str(settings)


def test_an_error_does_not_repeat_the_secret() -> None:
    with pytest.raises(SettingsError) as raised:
        Settings.from_environment(GOOD | {"LEDGER_SECRET": "too-short"})
    assert "too-short" not in str(raised.value)
