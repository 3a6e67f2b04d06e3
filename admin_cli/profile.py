"""What `points login` remembers: the server, the token and whose it is. One small file that only its owner can read."""

import json
import os
import tempfile
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from admin_cli.failures import usage_failure
from admin_cli.language import t

FILE_MODE = 0o600
FOLDER_MODE = 0o700
"""The file holds a token, which is as good as a password."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    server: str
    token: str
    name: str = ""
    programme: str = ""
    expires_at: str | None = None

    def __repr__(self) -> str:
        return f"Profile(server={self.server!r}, name={self.name!r}, token=***)"


def profile_path() -> Path:
    """Where the file lies. Source: XDG Base Directory Specification (an unset or relative path means ~/.config)."""
    configured = os.environ.get("XDG_CONFIG_HOME", "")
    folder = Path(configured) if configured.startswith("/") else Path.home() / ".config"
    return folder / "city-partner-ledger" / "profile.json"


def read_profile() -> Profile | None:
    """The saved profile, or None. Keys that a later version may have added are ignored."""
    path = profile_path()
    try:
        document = json.loads(path.read_bytes())
        known = {field.name: document[field.name] for field in fields(Profile) if field.name in document}
        return Profile(**known)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise usage_failure(
            t(
                f"登录信息文件 {path} 读不了（{error}）；请删掉它，再运行 points login。",
                f"The sign-in file {path} cannot be read ({error}). Delete it and run points login again.",
            )
        ) from None


def write_profile(profile: Profile) -> Path:
    """Saved whole or not at all: a new file, from its first byte on the owner's alone, takes the old one's name."""
    path = profile_path()
    path.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    # mkstemp creates with 0600, so the token is never in a file that others can open.
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".profile-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(asdict(profile), file, ensure_ascii=False, indent=2)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(FILE_MODE)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink()
        raise
    return path


def delete_profile() -> bool:
    """True when there was one."""
    try:
        profile_path().unlink()
    except FileNotFoundError:
        return False
    return True
