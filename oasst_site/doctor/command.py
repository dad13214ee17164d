"""The course of `manage.py doctor`: look at the machine, read the settings, then look at all that they name."""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from functools import partial

from oasst_site.doctor import machine
from oasst_site.doctor.finding import Finding, Look, fine, wrong
from oasst_site.doctor.looking import examine

DESCRIPTION = (
    "Look at every dependency and setting, and say what is wrong and how to mend it. Exit code 0: nothing is wrong; "
    "1: something is (with --strict also: something is doubtful)."
)
_MARKS = {"ok": "ok", "warning": "DOUBT", "error": "WRONG", "skipped": "-"}


def main(arguments: list[str]) -> int:
    """`manage.py doctor` with these arguments; the exit code."""
    parser = argparse.ArgumentParser(prog="manage.py doctor", description=DESCRIPTION, allow_abbrev=False)
    add_arguments(parser)
    return run(**vars(parser.parse_args(arguments)))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options."""
    parser.add_argument("--json", action="store_true", dest="as_json", help="tell it to a program")
    parser.add_argument("--strict", action="store_true", help="exit code 1 for what is doubtful, too")
    parser.add_argument("--url", help="the site as people reach it, like https://chat.example.org: ask its proxy, too")


def run(*, as_json: bool, strict: bool, url: str | None) -> int:
    """Tell what is found as it is found; the exit code."""
    found: list[Finding] = []
    for finding in _findings(url):
        found.append(finding)
        if not as_json:
            _tell(finding)
    bad = {"error", "warning"} if strict else {"error"}
    code = 1 if any(each.level in bad for each in found) else 0
    if as_json:
        _say(json.dumps({"ok": code == 0, "findings": [each.to_json() for each in found]}, indent=2))
    else:
        counts = [sum(each.level == level for each in found) for level in ("error", "warning")]
        _say(f"\n{counts[0]} wrong, {counts[1]} doubtful, of {len(found)} findings")
    sys.stdout.flush()
    return code


def _findings(url: str | None) -> Iterator[Finding]:
    for looks in (_of_the_machine(), _of_the_settings(), _of_the_service(url)):
        bad = False
        for findings in examine(looks, _note):
            yield from findings
            bad = bad or any(each.about == SETTINGS and each.level == "error" for each in findings)
        if bad:
            yield Finding("the rest", "skipped", "nothing else can be looked at before the settings can be read")
            return


SETTINGS = "start"


def _of_the_machine() -> dict[str, Look]:
    return {
        "python": machine.python,
        "packages": machine.packages,
        "disk": machine.disk,
        "secret files": machine.secret_files,
    }


def _of_the_settings() -> dict[str, Look]:
    return {SETTINGS: read_settings}


def read_settings() -> Iterator[Finding]:
    """A process may start with them."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oasst_site.settings")
    try:
        from oasst_site.start import Refused, check_settings
    except ImportError as error:
        yield wrong(SETTINGS, f"a package is missing ({error})", "pip install -r requirements/base.txt")
        return
    try:
        check_settings()
        import django

        django.setup()
    except Refused as error:
        yield wrong(SETTINGS, str(error), "docs/settings.md tells what it may be.")
    else:
        yield fine(SETTINGS, "they can be read, and a process may start with them")


def _of_the_service(url: str | None) -> dict[str, Look]:
    from oasst_site.doctor import servers, service

    looks: dict[str, Look] = {
        "settings": service.the_settings,
        "database": servers.database,
        "redis": servers.redis_server,
        "broker": servers.the_broker,
        "channel layer": servers.channel_layer,
        "reconciler": service.reconciler,
        "catalogue": service.the_catalogue,
        "engine": service.the_engine,
        "workers": service.workers,
        "static files": service.static_files,
    }
    if url:
        looks["proxy"] = partial(service.outside, url)
    return looks


def _tell(finding: Finding) -> None:
    _say(f"{_MARKS[finding.level]:<6} {finding.about + ':':<14} {finding.says}")
    if finding.mend:
        _say(f"{'':<6} {'':<14} -> {finding.mend}")


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


def _note(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201
