"""What a process does not load, it need not hold: a worker has no view and no page, a web process no command line."""

import os
import subprocess
import sys


def loaded_by(code: str) -> set[str]:
    """The modules of a new process after this code."""
    environ = os.environ | {
        "SECRET_KEY": "for this test, and long enough",
        "DJANGO_SETTINGS_MODULE": "oasst_site.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"],
        env=environ, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return set(done.stdout.splitlines()[-1].split())


def test_a_worker_loads_neither_views_nor_admin_nor_the_documentation_of_the_api():
    modules = loaded_by(
        "import celery.bin.celery; from oasst_site.celery import app; app.loader.init_worker(); import workers.runtime"
    )
    assert {"workers.tasks", "chats.models", "inference.engines.tgi"} <= modules
    assert not modules & {
        *("oasst_site.urls", "rest_framework.views", "drf_spectacular.plumbing", "rest_framework_simplejwt.tokens"),
        *("chats.admin", "workers.admin", "oasst_site.accounts.admin", "allauth.account.views"),
    }


def test_a_web_process_loads_no_command_line_of_celery():
    modules = loaded_by("import oasst_site.asgi, oasst_site.urls, oasst_site.celery")
    assert {"oasst_site.celery", "chats.tickets", "chats.admin"} <= modules
    assert not modules & {"celery.bin.base", "celery.bin.celery", "workers.cli", "workers.bootsteps", "prompt_toolkit"}
