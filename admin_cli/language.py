"""Which language the terminal speaks, and the one function that every text goes through.

There is no gettext on purpose: with both languages side by side at each place, a missing translation cannot be
written, and whoever changes one sentence sees the other. The language is decided when this module is first imported,
because help texts are made while the command modules are being imported.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum


class Language(StrEnum):
    ZH = "zh"
    EN = "en"


LOCALE_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
"""In the order in which they win; an empty one counts as unset. Source: POSIX.1-2017, chapter 8.2."""


def choose_language(arguments: Sequence[str], environment: Mapping[str, str]) -> Language:
    """`--lang`, else `POINTS_LANG`, else the locale. Nothing, C and POSIX mean Chinese: it is a Chinese product."""
    for wish in (_option_value(arguments), environment.get("POINTS_LANG", "")):
        if wish[:2].lower() in set(Language):
            return Language(wish[:2].lower())
    locale = next((environment[name] for name in LOCALE_VARIABLES if environment.get(name)), "")
    name = locale.partition(".")[0].lower()
    return Language.ZH if name in ("", "c", "posix") or name.startswith("zh") else Language.EN


def _option_value(arguments: Sequence[str]) -> str:
    """What follows `--lang`, wherever it stands. A wrong value is not our concern here: the parser will refuse it."""
    for place, argument in enumerate(arguments):
        if argument == "--":
            break
        if argument.startswith("--lang="):
            return argument.removeprefix("--lang=")
        if argument == "--lang" and place + 1 < len(arguments):
            return arguments[place + 1]
    return ""


_language = choose_language(sys.argv[1:], os.environ)


def current_language() -> Language:
    return _language


def t(zh: str, en: str) -> str:
    """The text in the language of this run."""
    return zh if _language is Language.ZH else en
