"""The lines of `manage.py up`."""

import io

import pytest

from oasst_site.stack.backoff import Backoff
from oasst_site.stack.report import Report, printable
from oasst_site.stack.trace_fold import TraceFold


def lines(colour: bool) -> str:
    stream = io.StringIO()
    report = Report(stream, colour=colour)
    report.say("starting")
    report.line("web", "hello\x1b[2J\x07 there")
    report.line("worker", "ready")
    return stream.getvalue()


def test_each_line_has_its_name_and_nothing_steers_the_terminal() -> None:
    assert lines(colour=False) == ("up          | starting\nweb         | hello there\nworker      | ready\n")


def test_each_process_has_a_colour_of_its_own() -> None:
    _, web, worker = lines(colour=True).splitlines()
    assert web.split("web")[0] != worker.split("worker")[0]
    assert "\x1b[2J" not in web


@pytest.mark.parametrize("text", ["täglich", "日本語", "a\tb"])
def test_text_stays_as_it_is(text: str) -> None:
    assert printable(text + "\n") == text


def test_a_stream_that_is_gone_harms_nobody() -> None:
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    Report(Gone(), colour=False).say("nobody listens")


def test_a_trace_is_folded_into_its_last_line() -> None:
    fold = TraceFold()
    trace = [
        "starting",
        "Traceback (most recent call last):",
        '  File "x.py", line 1, in <module>',
        "    import y",
        "KeyError: 'y'",
        "",
        "The above exception was the direct cause of the following exception:",
        "",
        "Traceback (most recent call last):",
        '  File "x.py", line 1, in <module>',
        "ValueError: no y",
        "bye",
    ]
    shown = [line for each in trace for line in fold.feed(each)]
    assert [line for line in shown if line] == [
        "starting",
        "KeyError: 'y'",
        "The above exception was the direct cause of the following exception:",
        "ValueError: no y",
        "bye",
    ]


def test_a_process_that_dies_again_and_again_waits_longer_each_time_until_it_has_lived() -> None:
    backoff = Backoff()
    assert [backoff.after(1) for _ in range(9)] == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 15.0, 15.0]
    assert backoff.after(60) == 0.2
