"""Results: a table in a terminal, tabs in a pipe, `--json` as it came; and where words go."""

import os
import subprocess
import sys
from itertools import count

import pytest
from rich.cells import cell_len

from tests.admin_cli.conftest import OnTerminal, RunPoints
from tests.admin_cli.fake_api import (
    ROOT,
    Asked,
    FakeApi,
    Said,
    environment,
    make_report,
    make_rider,
    page,
    plain,
)

HOSTILE = "[red]x[/red]\x1b[31m\t王"


def test_a_pipe_gets_the_apis_names_and_values_with_tabs_between(api: FakeApi, piped: RunPoints) -> None:
    api.answers["GET /v1/riders"] = page(make_rider(), make_rider("R00002", name=HOSTILE, phone=None))

    run = piped("rider", "list")

    header, first, second = run.stdout.splitlines()
    assert header == (
        "code\tname\tphone\tstatus\tindustry_name\tsubdistrict\tenrolled_at\ttitles\tsource\tindustry_code\tid"
    )
    assert first.split("\t")[:4] == ["R00001", "王小明", "138****5678", "active"]
    assert second.split("\t")[:4] == ["R00002", "[red]x[/red]␛[31m␉王", "", "active"]
    assert run.stderr == ""
    assert run.returncode == 0


def test_a_pipe_does_not_depend_on_the_language(api: FakeApi, piped: RunPoints) -> None:
    api.answers["GET /v1/riders"] = page(make_rider())

    assert piped("rider", "list", "--lang", "zh").stdout == piped("rider", "list", "--lang", "en").stdout


def test_times_in_a_pipe_carry_the_offset_of_the_programmes_zone(api: FakeApi, piped: RunPoints) -> None:
    api.answers["GET /v1/riders"] = page(make_rider())
    api.answers["GET /v1/riders/R00001"] = Said(body=make_rider())

    assert "\t2026-11-24T10:55:45.027178+08:00\t" in piped("rider", "list").stdout
    assert "enrolled_at\t2026-11-24T10:55:45.027178+08:00\n" in piped("rider", "show", "R00001").stdout


def test_a_record_in_a_pipe_is_a_line_a_value(api: FakeApi, piped: RunPoints) -> None:
    lots = [{"lapses_on": "2027-12-31", "available": 1200, "held": 0, "account_id": None}]
    body = {"rider_code": "R00001", "at": None, "available": 1200, "held": 0, "owed": 0, "lots": lots}
    api.answers["GET /v1/riders/R00001/balance"] = Said(body=body)

    run = piped("rider", "balance", "R00001")

    assert run.stdout.splitlines()[:4] == ["field\tvalue", "rider_code\tR00001", "at\t", "available\t1200"]
    assert "lots.0.lapses_on\t2027-12-31\n" in run.stdout


@pytest.mark.parametrize(
    "content", [b'{"items":[ {"b":1.0,"a":"\\u001b"}],\n "next":null}', b'{"items":[],"next":null}\n']
)
def test_json_is_what_the_api_said_byte_for_byte(content, api: FakeApi, piped: RunPoints) -> None:
    api.answers["GET /v1/riders"] = Said(body=content)

    assert piped("rider", "list", "--json").stdout.encode() == content.rstrip(b"\n") + b"\n"


def test_json_of_several_pages_is_an_object_a_page(api: FakeApi, piped: RunPoints) -> None:
    api.answers["GET /v1/riders"] = [page({"code": "A"}, after="2"), page({"code": "B"})]

    run = piped("rider", "list", "--all", "--json")

    assert run.stdout == '{"items": [{"code": "A"}], "next": "2"}\n{"items": [{"code": "B"}], "next": null}\n'


def test_an_option_of_every_command_may_stand_anywhere(api: FakeApi, piped: RunPoints) -> None:
    api.answers["GET /v1/riders"] = page(make_rider())

    wherever = [("--json", "rider", "list"), ("rider", "--json", "list"), ("rider", "list", "--json")]

    assert len({piped(*arguments).stdout for arguments in wherever}) == 1


def test_when_there_is_more_stderr_says_so_and_stdout_does_not(api: FakeApi, piped: RunPoints) -> None:
    api.answers["GET /v1/riders"] = page(make_rider(), after="2")

    run = piped("rider", "list", "--limit", "1")

    assert "--all" in run.stderr
    assert len(run.stdout.splitlines()) == 2
    assert [asked.query for asked in api.asked if asked.path == "/v1/riders"] == [{"limit": "1"}]


def test_all_goes_on_to_the_last_page(api: FakeApi, piped: RunPoints) -> None:
    numbers = count()

    def next_page(asked: Asked) -> Said:
        number = next(numbers)
        return page(make_rider(f"R{number}"), after=str(number) if number < 3 else None)

    api.answers["GET /v1/riders"] = next_page

    run = piped("rider", "list", "--all")

    assert [line.split("\t")[0] for line in run.stdout.splitlines()[1:]] == ["R0", "R1", "R2", "R3"]
    assert run.stderr == ""


def test_an_empty_list_in_a_pipe_is_its_header(api: FakeApi, piped: RunPoints) -> None:
    api.answers["GET /v1/budgets"] = page()

    assert (
        piped("budget", "list").stdout
        == "sponsor\tname\tfunded\tawarded\tavailable\twaiting_credits\twaiting_points\taccount_id\n"
    )


def test_a_closed_pipe_is_silent(api: FakeApi, tmp_path) -> None:
    api.answers["GET /v1/riders"] = page(*(make_rider(f"R{number:05}") for number in range(5000)))

    # The shell's own exit code is that of `points`, so that a failure behind `head` would be seen.
    script = f"{sys.executable} -m admin_cli rider list | head -n 1; exit ${{PIPESTATUS[0]}}"
    run = subprocess.run(
        ["bash", "-c", script],
        cwd=ROOT,
        env=environment(api, tmp_path),
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )

    assert run.stdout.startswith("code\t")
    assert (run.returncode, run.stderr) == (0, "")


def test_a_terminal_that_knows_no_chinese_gets_escapes_and_no_traceback(api: FakeApi, started: RunPoints) -> None:
    api.answers["GET /v1/riders"] = page(make_rider())

    run = started("rider", "list", PYTHONIOENCODING="ascii")

    assert "\\u738b\\u5c0f\\u660e" in run.stdout
    assert run.returncode == 0


# --- on a terminal ---------------------------------------------------------------------------------------------------


def on_screen(typed: OnTerminal, *arguments: str, columns: int = 80, **more: str) -> list[str]:
    with typed(*arguments, columns=columns, **more) as terminal:
        code, seen = terminal.finish()
    assert code == 0, seen
    return plain(seen).rstrip("\n").split("\n")


def test_a_terminal_gets_words_the_programmes_time_and_its_zone(api: FakeApi, typed: OnTerminal) -> None:
    api.answers["GET /v1/reports"] = page(make_report())

    lines = on_screen(typed, "report", "list", POINTS_LANG="zh")

    assert {"编号", "状态", "类别", "骑手", "上报时间", "地址"} <= set(lines[0].split())
    assert {"ABCDE12345", "待审", "SAF-02", "R00001", "09:10"} <= set(lines[2].split())
    assert "Asia/Shanghai" in lines[3]


def test_data_is_never_markup_on_a_terminal_either(api: FakeApi, typed: OnTerminal) -> None:
    api.answers["GET /v1/riders"] = page(make_rider(name=HOSTILE))

    with typed("rider", "list") as terminal:
        _, seen = terminal.finish()

    assert "[red]x[/red]␛[31m␉王" in seen
    assert "\x1b[31m" not in seen


@pytest.mark.parametrize("columns", [40, 80])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_line_of_a_table_is_wider_than_the_screen_and_no_code_is_cut(columns, language, api, typed) -> None:
    api.answers["GET /v1/reports"] = page(
        make_report(), make_report("ZYXWV98765", address="long " * 40, state="verified")
    )

    lines = on_screen(typed, "report", "list", columns=columns, POINTS_LANG=language)

    assert any("ABCDE12345" in line for line in lines)
    assert any("ZYXWV98765" in line for line in lines)
    assert all(cell_len(line) <= columns for line in lines)


def test_colour_can_be_turned_off(api: FakeApi, typed: OnTerminal) -> None:
    api.answers["GET /v1/reports"] = page(make_report(state="verified"))

    with typed("report", "list", NO_COLOR="1") as terminal:
        _, seen = terminal.finish()

    assert "\x1b[32m" not in seen


def test_books_that_do_not_balance_are_shown_and_are_a_refusal(api: FakeApi, piped: RunPoints) -> None:
    item = {"commodity": "POINTS", "purpose": "budget", "normal_side": "credit", "accounts": 1, "debit": 0, "credit": 7}
    total = {"commodity": "POINTS", "debit": 8, "credit": 7, "difference": 1}
    api.answers["GET /v1/trial_balance"] = Said(body={"at": None, "items": [item], "totals": [total]})

    run = piped("account", "trial-balance")

    assert "POINTS\ttotal\t\t\t8\t7\t1\n" in run.stdout
    assert "POINTS" in run.stderr
    assert run.returncode == 1


def test_a_rulebook_can_be_saved_as_the_document_it_is(api: FakeApi, piped: RunPoints) -> None:
    document = "# 规则\n[caps]\nreports_per_day = 10\n"
    api.answers["GET /v1/rulebooks/1"] = Said(body={"version": 1, "document": document})

    assert piped("rulebook", "show", "1", "--document").stdout == document


def test_the_ranking_prints_how_equals_are_told_apart(api: FakeApi, typed: OnTerminal) -> None:
    ranked = {
        "rank": 1,
        "rider_code": "R00001",
        "name": "王**",
        "merit": 1050,
        "verified_reports": 3,
        "serious_points": 30,
        "reached_at": "2026-11-24T01:00:00Z",
        "industry_code": "01",
        "industry_name": "外卖配送",
    }
    chain = ["merit", "verified_reports", "serious_points", "reached_at"]
    api.answers["GET /v1/rankings/2026-11"] = Said(
        body={"month": "2026-11", "tie_chain": chain, "riders": 1, "items": [ranked], "next": None}
    )

    screen = " ".join(on_screen(typed, "ranking", "show", "2026-11"))

    assert "1,050" in screen
    assert "merit of the month → verified reports" in screen


def test_the_platforms_token_is_used_for_programmes(api: FakeApi, piped: RunPoints) -> None:
    api.answers["GET /v1/programmes"] = page()

    piped("programme", "list", POINTS_PLATFORM_TOKEN="platform")

    assert api.asked[-1].headers["authorization"] == "Bearer platform"


def test_standings_and_categories_are_asked_for_without_a_limit_that_the_api_would_refuse(api, piped) -> None:
    for path in ("/v1/categories", "/v1/riders/R1/standings", "/v1/reports/X/neighbours"):
        api.answers[f"GET {path}"] = page()

    piped("category", "list")
    piped("rider", "standings", "R1")
    piped("report", "nearby", "X", "--radius", "300")

    queries = [asked.query for asked in api.asked if asked.path != "/v1/programme"]
    assert queries == [{}, {}, {"radius_m": "300"}]


def test_a_code_is_one_segment_of_the_path_whatever_it_holds(api: FakeApi, piped: RunPoints) -> None:
    piped("rider", "show", "a/../b?c#d 王")

    assert api.asked[-1].path == "/v1/riders/a%2F..%2Fb%3Fc%23d%20%E7%8E%8B"


def test_help_loads_neither_the_service_nor_a_library_for_drawing_or_http() -> None:
    script = (
        "import sys; from admin_cli.app import main; main(['--help']); main(['report', 'list', '--help']);"
        "print(sorted({'litestar', 'sqlalchemy', 'httpx2', 'ledger', 'seed'} & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True, env=dict(os.environ)
    )

    assert run.stdout.splitlines()[-1] == "[]"
