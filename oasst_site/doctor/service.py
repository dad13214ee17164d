"""Looks at the service itself: its settings, catalogue, engine, workers, reconciler, static files, and its outside."""

import asyncio
import json
import os
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings
from django.core.checks import WARNING, run_checks

from inference import catalogue
from inference.catalogue import FILE_VARIABLE, CatalogueError, UnknownModel
from inference.sessions import SyncSessionRegistry
from oasst_site.doctor.finding import Finding, doubtful, fine, wrong
from oasst_site.doctor.servers import SKEW_S
from oasst_site.health.dependencies import RECONCILER_LATE_S
from oasst_site.stack.readiness import client
from workers.reconciler_age import reconciler_age_s

ASK_S = 4.0


def the_settings() -> Iterator[Finding]:
    """What `check` says of them, and with DEBUG off `check --deploy` too."""
    found = [each for each in run_checks(include_deployment_checks=not settings.DEBUG) if not each.is_silenced()]
    for each in found:
        make = wrong if each.level > WARNING else doubtful
        yield make("settings", each.msg, each.hint or "docs/settings.md tells what it may be.")
    if not found:
        yield fine("settings", "no contradictions" + (" (DEBUG is on: not fit for others)" if settings.DEBUG else ""))


def the_catalogue() -> Iterator[Finding]:
    """It can be read, and has the model that this machine is to serve."""
    try:
        models = catalogue.current()
    except CatalogueError as error:
        yield wrong("catalogue", str(error), f"Correct that file; {FILE_VARIABLE} names it.")
        return
    yield fine("catalogue", f"{len(models)} models, no mistakes")
    for name in filter(None, (os.environ.get("MODEL_CONFIG_NAME"), settings.TITLE_MODEL)):
        try:
            models.get(name)
        except UnknownModel as error:
            yield wrong("catalogue", str(error), "Choose one of them, or add it: python manage.py models add")


def the_engine() -> Iterator[Finding]:
    """The one that INFERENCE_SERVER_URL names serves what the catalogue says of MODEL_CONFIG_NAME."""
    url, name = os.environ.get("INFERENCE_SERVER_URL", ""), os.environ.get("MODEL_CONFIG_NAME", "")
    if not url:
        yield Finding("engine", "skipped", "INFERENCE_SERVER_URL is not set here; workers tell of theirs below")
        return
    try:
        from inference.engines import EngineError, make_engine
        from workers.health_gate import disagreement
    except ImportError as error:
        yield doubtful("engine", f"a worker's packages are missing ({error})", "pip install -r requirements/worker.txt")
        return
    try:
        config = catalogue.current().get(name) if name else None
    except (CatalogueError, UnknownModel):
        config = None  # told by the look at the catalogue

    async def ask() -> str:
        kind = os.environ.get("INFERENCE_SERVER_KIND") or "auto"
        engine = make_engine(
            kind, url, model_id=config.model_id if config else "", chat=False,
            token_timeout_s=ASK_S, api_key=settings.ENGINE_API_KEY or None,
        )  # fmt: skip
        try:
            async with asyncio.timeout(ASK_S):
                if not await engine.health():
                    return "does not answer as a healthy engine does"
                info = await engine.info()
                return disagreement(info, config) if config else ""
        finally:
            await engine.aclose()

    mend = "Start it, or correct INFERENCE_SERVER_URL; a key that it asks for is ENGINE_API_KEY."
    try:
        problem = asyncio.run(ask())
    except (EngineError, TimeoutError) as error:
        yield wrong("engine", f"{url} does not answer: {error or f'nothing within {ASK_S:g} s'}", mend)
        return
    if problem:
        yield wrong(
            "engine", f"{url} {problem}", "Start it with the catalogue's model and lengths, or correct the catalogue."
        )
    else:
        yield fine("engine", f"{url} is healthy" + (f" and serves {config.model_id}" if config else ""))


def workers() -> Iterator[Finding]:
    """Live sessions by model; what keeps a queue closed."""
    with closing(client(settings.REDIS_URL)) as connection:
        sessions = list(SyncSessionRegistry(connection).live().values())
    open_ones = [each for each in sessions if each.open]
    for each in sessions:
        if not each.open:
            yield doubtful("workers", f"{each.worker_name} takes no work: {each.closed_because}", "Mend what it names.")
    if not open_ones:
        yield wrong(
            "workers", "none takes work: every reply waits",
            "celery -A oasst_site worker -n NAME@%h --model MODEL --engine-url URL",
        )  # fmt: skip
        return
    counts: dict[str, int] = {}
    for each in open_ones:
        counts[each.model_config_name] = counts.get(each.model_config_name, 0) + 1
    yield fine("workers", ", ".join(f"{count} of {name}" for name, count in sorted(counts.items())))
    current = {config.compat_hash for config in catalogue.current()}
    for each in open_ones:
        if each.compat_hash not in current:
            yield doubtful(
                "workers",
                f"{each.worker_name} serves {each.compat_hash}, which this catalogue does not have",
                f"Give all processes the same catalogue ({FILE_VARIABLE}) and restart the worker.",
            )


def reconciler() -> Iterator[Finding]:
    """Its last round."""
    with closing(client(settings.REDIS_URL)) as connection:
        age = reconciler_age_s(connection)
    mend = "celery -A oasst_site worker -n maintenance@%h -Q maintenance"
    if age is None:
        yield wrong("reconciler", "it has not run for an hour: lost replies stay lost", mend)
    elif age > RECONCILER_LATE_S:
        yield wrong("reconciler", f"its last round was {age:.0f} s ago", mend)
    else:
        yield fine("reconciler", f"its last round was {age:.1f} s ago")


def static_files() -> Iterator[Finding]:
    """Collected, with the page's libraries."""
    if not settings.DEBUG:
        manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
        try:
            paths = json.loads(manifest.read_text(encoding="utf-8"))["paths"]
        except (OSError, ValueError, KeyError):
            yield wrong(
                "static files",
                f"{manifest} is missing: pages have no style",
                "python manage.py collectstatic --noinput",
            )
            return
        lacking = [name for name in ("marked", "dompurify") if not any(f"vendor/{name}/" in path for path in paths)]
    else:
        lacking = [name for name in ("marked", "dompurify") if not (settings.NODE_MODULES / name).is_dir()]
    if lacking:
        yield wrong(
            "static files", f"the page's libraries are missing: {', '.join(lacking)}",
            "python -m oasst_site.stack.frontend, then python manage.py collectstatic --noinput",
        )  # fmt: skip
    else:
        yield fine("static files", "there, with the page's libraries")


def outside(url: str) -> Iterator[Finding]:
    """The site as people reach it, through its proxy. Only with --url."""
    asked = f"{url.rstrip('/')}/login"
    try:
        with urllib.request.urlopen(asked, timeout=ASK_S) as answer:
            headers = answer.headers
    except urllib.error.HTTPError as error:
        mend = "Is the host in ALLOWED_HOSTS?" if error.code == 400 else "Look into the proxy's and the web's logs."
        yield wrong("proxy", f"{asked} answers {error.code}", mend)
        return
    except (TimeoutError, OSError, ssl.SSLError) as error:
        yield wrong("proxy", f"{asked} cannot be reached ({error})", "Check the name, the certificate and the proxy.")
        return
    yield fine("proxy", f"{asked} answers")
    if settings.HTTPS and url.startswith("https:") and "Strict-Transport-Security" not in headers:
        yield wrong(
            "proxy", "the site does not notice that it is reached by https",
            "Let the proxy set X-Forwarded-Proto: proxy_set_header X-Forwarded-Proto $scheme;",
        )  # fmt: skip
    if "Content-Security-Policy" not in headers:
        yield doubtful("proxy", "it takes the Content-Security-Policy away", "Let it pass the site's headers on.")
    if date := headers.get("Date"):
        ahead_s = (parsedate_to_datetime(date) - datetime.now(UTC)).total_seconds()
        if abs(ahead_s) > SKEW_S + 1:
            yield doubtful(
                "clocks", f"the site's clock is {ahead_s:+.0f} s off this machine's", "Let both keep time by NTP."
            )
    with urllib.request.urlopen(f"{url.rstrip('/')}/readyz", timeout=ASK_S) as answer:
        report = json.loads(answer.read())
    if report["degraded"]:
        away = [name for name, check in report["checks"].items() if not check["ok"]]
        yield doubtful("proxy", f"/readyz says that {', '.join(away)} is away", "See what is said of it here.")
