"""Problems: one shape for every "no", the headers that go with it, and the language the client reads."""

from dataclasses import fields
from typing import Any

import pytest
from litestar import Litestar, get
from litestar.testing import TestClient

from ledger.api.error_reference import format_reference, read_reference
from ledger.api.errors import PLAIN_CODES, PROBLEM_JSON
from ledger.app import create_app, create_runtime
from ledger.domain.access import Role
from ledger.domain.errors import Language, NotFound, known_refusals
from tests.deployment import test_settings
from tests.test_tidy import ROOT
from tests.world import Client, World, headers

MEMBERS = {"type", "title", "status", "detail", "code"}


@pytest.fixture(scope="module")
def bare_client() -> Any:
    """The service without a database: enough for what never asks it."""
    runtime = create_runtime(test_settings("sqlite:///nowhere.db"))
    with TestClient(create_app(runtime.settings, runtime=runtime)) as client:
        yield client


def test_every_problem_has_the_members_of_the_standard(client: Client, world: World) -> None:
    token = headers(world.token(Role.OWNER))
    answers = [
        client.get("/nowhere"),
        client.get("/v1/nowhere", headers=token),
        client.put("/v1/reports", headers=token),
        client.get("/v1/reports"),
        client.get("/v1/me", headers=token),
        client.get("/v1/reports/NOBODY", headers=token),
        client.post("/v1/reports", json={}, headers=token),
        client.post("/v1/riders", json={"phone": "1"}, headers=token),
        client.post("/v1/riders", json={"name": "x"}, headers={"Authorization": token["Authorization"]}),
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 405, 401, 403, 404, 400, 400, 400]
    for answer in answers:
        problem = answer.json()
        assert answer.headers["content-type"] == PROBLEM_JSON
        assert problem.keys() >= MEMBERS
        assert problem["status"] == answer.status_code
        assert problem["type"] == f"/problems/{problem['code']}"
        assert client.get(problem["type"]).json()["code"] == problem["code"]


def test_a_member_of_a_refusal_never_hides_a_standard_one() -> None:
    assert not [refusal for refusal in known_refusals() if MEMBERS & {field.name for field in fields(refusal)}]


def test_a_method_that_is_not_allowed_is_told_those_that_are(client: Client, world: World) -> None:
    answer = client.put("/v1/reports", headers=headers(world.token(Role.OWNER)))
    assert {"GET", "POST"} <= {method.strip() for method in answer.headers["allow"].split(",")}
    assert client.options("/v1/reports").status_code == 204


def test_a_broken_program_says_so_without_a_word_of_its_insides(capsys: pytest.CaptureFixture[str]) -> None:
    @get("/broken", sync_to_thread=False)
    def break_down() -> None:
        password = "a local secret"
        raise RuntimeError(f"{len(password)} went wrong")

    runtime = create_runtime(test_settings("sqlite:///nowhere.db"))
    app = create_app(runtime.settings, runtime=runtime)
    app.register(break_down)
    with TestClient(app, raise_server_exceptions=False) as client:
        answer = client.get("/broken", headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "went wrong" not in answer.text
    logged = capsys.readouterr()
    assert "14 went wrong" in logged.err and "request_failed" in logged.err
    assert "a local secret" not in logged.err + logged.out


LANGUAGES = {
    None: "zh",
    "": "zh",
    "zh": "zh",
    "zh-CN": "zh",
    "zh-Hant": "zh",
    "zh-Hant-HK,en;q=0.9": "zh",
    "en": "en",
    "en-US;q=0.8": "en",
    "EN-gb": "en",
    "en;q=0.5,zh;q=0.6": "zh",
    "zh;q=0.5, en;q=0.6": "en",
    "fr-FR,en;q=0.3": "en",
    "fr": "zh",
    "*": "zh",
    "en;q=0": "zh",
    "en;q=x": "zh",
    "en;q=nan": "zh",
    "en;q=inf": "zh",
    ";;;,,,=q": "zh",
    "x" * 5_000: "zh",
}


def test_the_language_is_the_clients_and_chinese_by_default(bare_client: TestClient[Litestar]) -> None:
    for accepted, language in LANGUAGES.items():
        sent = {} if accepted is None else {"Accept-Language": accepted}
        title = bare_client.get("/nowhere", headers=sent).json()["title"]
        assert title == {"zh": "没有这个地址", "en": "No such path"}[language], accepted


def test_every_noun_is_said_in_both_languages(client: Client, world: World) -> None:
    for path in ("riders/X", "reports/X", "rulebooks/9", "accounts/01a20b7d-0000-7000-8000-000000000000"):
        for language in Language:
            answer = client.get(f"/v1/{path}", headers=headers(world.token(Role.OWNER), language=language))
            noun = path.split("/")[0].removesuffix("s")
            assert (noun in answer.json()["detail"]) is (language is Language.EN), answer.text


def test_every_sentence_of_every_refusal_is_in_its_language() -> None:
    for entry in read_reference():
        for text in (entry.title, entry.detail):
            assert any("一" <= character <= "鿿" for character in text.zh), entry.code
            assert not any("一" <= character <= "鿿" for character in text.en), entry.code


def test_the_error_page_is_what_the_program_says() -> None:
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    assert page == "\n".join(format_reference()), "run `python -m ledger.api.error_reference > docs/errors.md`"


def test_the_error_page_names_every_code_once() -> None:
    codes = [entry.code for entry in read_reference()]
    assert len(codes) == len(set(codes))
    assert (
        set(codes)
        == {refusal.code for refusal in known_refusals() if refusal.__module__.startswith("ledger.")} | PLAIN_CODES
    )


def test_the_type_of_a_problem_leads_to_its_meaning(bare_client: TestClient[Litestar]) -> None:
    for entry in read_reference():
        for language in ("zh", "en"):
            answer = bare_client.get(f"/problems/{entry.code}", headers={"Accept-Language": language}).json()
            assert answer["status"] == entry.status
            assert answer["title"] == getattr(entry.title, language)
    assert bare_client.get("/problems/no_such_code").json()["code"] == NotFound.code


def test_answers_with_personal_data_are_kept_by_nobody(client: Client, world: World) -> None:
    for path in ("/v1/me", "/v1/reports", "/v1/nowhere", "/healthz"):
        answer = client.get(path, headers=headers(world.token("rider")))
        assert answer.headers["cache-control"] == "no-store", path
        assert answer.headers["x-content-type-options"] == "nosniff", path
    assert "max-age" in client.get("/static/docs.js").headers["cache-control"]
