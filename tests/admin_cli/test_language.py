"""Which language is chosen, from what."""

import pytest

from admin_cli.language import Language, choose_language

ZH, EN = Language.ZH, Language.EN

CASES = [
    ([], {}, ZH),
    ([], {"LANG": "C"}, ZH),
    ([], {"LANG": "C.UTF-8"}, ZH),
    ([], {"LANG": "POSIX"}, ZH),
    ([], {"LANG": "zh_CN.UTF-8"}, ZH),
    ([], {"LANG": "zh_TW"}, ZH),
    ([], {"LANG": "en_US.UTF-8"}, EN),
    ([], {"LANG": "de_DE.UTF-8"}, EN),
    ([], {"LANG": "zh_CN", "LC_MESSAGES": "en_GB"}, EN),
    ([], {"LC_MESSAGES": "en_GB", "LC_ALL": "zh_CN"}, ZH),
    ([], {"LC_ALL": "", "LANG": "en_US"}, EN),
    ([], {"LANG": "en_US", "POINTS_LANG": "zh"}, ZH),
    ([], {"LANG": "zh_CN", "POINTS_LANG": "en_GB"}, EN),
    ([], {"LANG": "en_US", "POINTS_LANG": "fr"}, EN),
    (["report", "list", "--lang", "en"], {"POINTS_LANG": "zh"}, EN),
    (["--lang=zh", "report"], {"POINTS_LANG": "en"}, ZH),
    (["--lang", "xx"], {"LANG": "en_US"}, EN),
    (["--lang"], {"LANG": "en_US"}, EN),
    (["report", "show", "--", "--lang", "en"], {}, ZH),
]


@pytest.mark.parametrize(("arguments", "environment", "language"), CASES)
def test_the_language_is_the_options_then_our_variables_then_the_locales(arguments, environment, language) -> None:
    assert choose_language(arguments, environment) is language
