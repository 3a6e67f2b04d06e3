"""What `points login` keeps, and to whom the token goes."""

import json
import stat
from pathlib import Path

import pytest

from admin_cli.context import Run, full_address
from admin_cli.exits import ExitCode
from admin_cli.failures import Failure
from admin_cli.profile import Profile, delete_profile, profile_path, read_profile, write_profile
from tests.admin_cli.conftest import RunPoints
from tests.admin_cli.fake_api import FakeApi, Said

PROFILE = Profile(server="http://ledger.test", token="cpl_op_1_secret", name="王", programme="鄞州区")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch) -> Path:
    for name in ("POINTS_SERVER", "POINTS_TOKEN", "POINTS_PLATFORM_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return tmp_path


def test_what_was_saved_is_read_again() -> None:
    write_profile(PROFILE)

    assert read_profile() == PROFILE


def test_only_its_owner_can_read_it() -> None:
    path = write_profile(PROFILE)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_saving_over_an_open_file_closes_it_to_others() -> None:
    path = write_profile(PROFILE)
    path.chmod(0o644)

    write_profile(PROFILE)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_saving_leaves_one_file_and_nothing_half_written(monkeypatch) -> None:
    path = write_profile(PROFILE)
    monkeypatch.setattr("admin_cli.profile.os.fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))

    with pytest.raises(OSError, match="disk full"):
        write_profile(Profile(server="other", token="other"))

    assert list(path.parent.iterdir()) == [path]
    assert read_profile() == PROFILE


def test_there_is_no_profile_before_the_first_sign_in_and_none_after_deleting_it() -> None:
    assert read_profile() is None
    assert not delete_profile()

    write_profile(PROFILE)

    assert delete_profile()
    assert read_profile() is None


@pytest.mark.parametrize("content", ["", "[]", "{", '{"server": "x"}'])
def test_a_broken_file_is_a_failure_with_a_remedy(content) -> None:
    write_profile(PROFILE).write_text(content)

    with pytest.raises(Failure, match="points login"):
        read_profile()


def test_what_a_later_version_adds_is_no_harm() -> None:
    path = write_profile(PROFILE)
    path.write_text(json.dumps({**json.loads(path.read_text()), "colour": "red"}))

    assert read_profile() == PROFILE


def test_the_token_does_not_print() -> None:
    assert "secret" not in repr(PROFILE)


def test_a_relative_configuration_folder_is_ignored(monkeypatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative")

    assert profile_path().is_relative_to(Path.home())


# --- which server ----------------------------------------------------------------------------------------------------


def run_with(**options: object) -> Run:
    run = Run()
    for name, value in options.items():
        setattr(run, name, value)
    return run


def test_the_server_is_the_options_then_the_environments_then_the_profiles(monkeypatch) -> None:
    assert run_with().server_address() is None

    write_profile(PROFILE)
    assert run_with().server_address() == "http://ledger.test"

    monkeypatch.setenv("POINTS_SERVER", "http://environment.test")
    assert run_with().server_address() == "http://environment.test"
    assert run_with(server="http://option.test").server_address() == "http://option.test"


def test_a_data_folder_silences_the_environment_and_the_profile(monkeypatch) -> None:
    write_profile(PROFILE)
    monkeypatch.setenv("POINTS_SERVER", "http://environment.test")

    assert run_with(data=Path("books")).server_address() is None


def test_a_server_and_a_data_folder_together_are_a_usage_error() -> None:
    with pytest.raises(Failure) as caught:
        run_with(server="http://x.test", data=Path("books")).server_address()

    assert caught.value.exit_code is ExitCode.USAGE


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("https://ledger.test", "https://ledger.test"),
        ("https://ledger.test/v1/", "https://ledger.test"),
        ("ledger.test", "https://ledger.test"),
        ("ledger.test:8443", "https://ledger.test:8443"),
        ("localhost:8000", "http://localhost:8000"),
        ("127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_an_address_without_a_scheme_is_plain_on_this_machine_only(typed, address) -> None:
    assert full_address(typed) == address


def token_sent(api: FakeApi) -> str | None:
    return api.asked[-1].headers.get("authorization")


def test_the_saved_token_goes_to_the_server_it_was_saved_with_and_to_no_other(api: FakeApi, piped: RunPoints) -> None:
    api.answers["GET /v1/principal"] = Said(body={"kind": "operator", "name": "wang", "roles": [], "scopes": []})

    write_profile(Profile(server=api.address, token="saved"))
    piped("whoami", POINTS_TOKEN="", POINTS_SERVER="")
    assert token_sent(api) == "Bearer saved"

    write_profile(Profile(server="http://elsewhere.test", token="saved"))
    piped("whoami", "--server", api.address, POINTS_TOKEN="")
    assert token_sent(api) is None

    piped("whoami", POINTS_TOKEN="environment")
    assert token_sent(api) == "Bearer environment"

    piped("whoami", "--token", "option", POINTS_TOKEN="environment")
    assert token_sent(api) == "Bearer option"
