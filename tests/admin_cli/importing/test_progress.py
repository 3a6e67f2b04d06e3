"""What is seen of an import while it runs, in a pipe and in a terminal."""

import io

import pytest

from admin_cli.importing.progress import ImportProgress


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def advance(stream: io.StringIO, total: int | None, *, steps: int, seconds: float) -> list[str]:
    clock = Clock()
    with ImportProgress(stream, clock) as progress:
        progress.begin("booking", total)
        for _ in range(steps):
            clock.now += seconds
            progress.advance(1_000)
    return stream.getvalue().splitlines()


def test_in_a_pipe_a_line_comes_every_few_seconds_with_rate_and_remaining_time():
    lines = advance(io.StringIO(), 20_000, steps=12, seconds=1.0)

    assert len(lines) == 2
    assert all(word in lines[0] for word in ("booking", "5,000", "20,000", "1,000", "15"))
    assert all(word in lines[1] for word in ("10,000", "20,000", "1,000", "10"))


def test_an_unknown_total_gives_no_remaining_time():
    (line,) = advance(io.StringIO(), None, steps=6, seconds=1.0)

    assert "5,000" in line


def test_what_is_quick_says_nothing_in_a_pipe():
    assert advance(io.StringIO(), 2_000, steps=2, seconds=1.0) == []


@pytest.mark.parametrize("total", [20_000, None])
def test_in_a_terminal_there_is_a_bar_that_leaves_nothing_behind(total, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")

    assert advance(Terminal(), total, steps=3, seconds=1.0)


def test_a_sentence_between_is_never_lost():
    stream = io.StringIO()
    with ImportProgress(stream) as progress:
        progress.say("[red]no markup[/red]")

    assert stream.getvalue() == "[red]no markup[/red]\n"
