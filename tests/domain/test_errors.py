"""Every refusal of the program: a code of its own, both languages, the same numbers in both."""

import re
import string
from dataclasses import fields
from datetime import UTC, date, datetime
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

import ledger.app  # loads every module, so that every refusal is known
from ledger.domain.errors import NOUNS, Kind, Language, NotFound, Refusal, known_refusals
from ledger.domain.reports import ReportAlreadyDecided, ReportState

REFUSALS = known_refusals()


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def sample_of(kind: Any) -> Any:
    """A value of a field's type."""
    if get_origin(kind) is UnionType:
        return sample_of(next(option for option in get_args(kind) if option is not NoneType))
    if get_origin(kind) is list:
        return [{"field": "name", "message": "too long"}]
    samples = {
        int: 7,
        str: "x",
        UUID: UUID(int=7),
        datetime: datetime(2026, 3, 10, tzinfo=UTC),
        date: date(2026, 3, 10),
    }
    return samples[kind] if kind in samples else next(iter(kind))


def sample(refusal: type[Refusal]) -> Refusal:
    hints = get_type_hints(refusal)
    values = {field.name: sample_of(hints[field.name]) for field in fields(refusal)}
    return refusal(**(values | {"noun": "rider"} if "noun" in values else values))


def test_no_two_refusals_share_a_code() -> None:
    codes = [refusal.code for refusal in REFUSALS]
    assert len(codes) == len(set(codes)) >= 20


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.code)
def test_a_refusal_is_whole(refusal: type[Refusal]) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", refusal.code)
    assert refusal.kind in Kind
    for text in (refusal.title, refusal.detail):
        assert re.search(r"[\u4e00-\u9fff]", text.zh) or text.zh.startswith("{")
        assert text.en.strip() and not re.search(r"[\u4e00-\u9fff]", text.en)


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.code)
def test_both_languages_name_the_same_numbers_and_the_sentence_has_them(refusal: type[Refusal]) -> None:
    # A problem that is written in both languages has a field for each.
    zh, en = (
        {name.removesuffix("_zh").removesuffix("_en") for name in placeholders(text)}
        for text in (refusal.detail.zh, refusal.detail.en)
    )
    assert zh == en
    for language in Language:
        sentence = sample(refusal).sentence(language, ZoneInfo("Asia/Shanghai"))
        assert "{" not in sentence and sentence
    assert str(sample(refusal)).startswith(refusal.code)


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.code)
def test_a_refusals_data_is_plain(refusal: type[Refusal]) -> None:
    for value in sample(refusal).data().values():
        assert type(value) in {str, int, bool, NoneType, list}


def test_every_noun_of_the_program_has_its_words() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in Path(ledger.__file__).parent.rglob("*.py"))
    assert set(re.findall(r'noun="(\w+)"', source)) <= set(NOUNS)


def test_an_instant_is_told_in_the_programmes_zone_and_a_state_in_words() -> None:
    refusal = ReportAlreadyDecided(
        report_code="7K2QXM9D4T",
        state=ReportState.VERIFIED,
        decided_by="operator/wang",
        decided_at=datetime(2026, 3, 10, 2, 0, tzinfo=UTC),
    )
    chinese = refusal.sentence(Language.ZH, ZoneInfo("Asia/Shanghai"))
    assert "2026-03-10 10:00" in chinese
    assert "已核实" in chinese
    assert refusal.data()["decided_at"] == "2026-03-10T02:00:00Z"


def test_a_refusal_crosses_a_context_manager() -> None:
    with pytest.raises(NotFound), pytest.MonkeyPatch.context():
        raise NotFound(noun="rider", name="R00001")
