"""The site that the browser tests share: the stack of `manage.py up`, with models of its own."""

from pathlib import Path
from urllib.parse import urlsplit

import psutil  # type: ignore[import-untyped]

from tests.live.one_machine import OneMachine

MODELS = Path(__file__).parent / "models.toml"


def kill_web(site: OneMachine) -> None:
    """SIGKILL to the web process: its sockets break without a word; the stack starts another one."""
    port = str(urlsplit(site.url).port)
    for process in psutil.process_iter(["cmdline"]):
        if "oasst_site.web" in (process.info["cmdline"] or []) and process.environ().get("PORT") == port:
            process.kill()
            process.wait(10)
            return
    raise LookupError(f"no web process of {site.url} is running")
