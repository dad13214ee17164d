"""The last lines of a start: where it is and how to log in."""

from collections.abc import Mapping

from oasst_site.stack.options import Options
from oasst_site.stack.surroundings import is_on

ANYWHERE = ("0.0.0.0", "::", "")
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def welcome(options: Options, environ: Mapping[str, str], place: str, waiting: str, took_s: float) -> list[str]:
    """The lines. `waiting`: why the worker takes no work yet, or nothing."""
    host = "localhost" if options.host in (*ANYWHERE, *LOOPBACK) else options.host
    address = f"http://{f'[{host}]' if ':' in host else host}:{options.port}"
    address += options.given("PATH_PREFIX").rstrip("/")
    debug, debug_login = is_on(environ, "DEBUG"), is_on(environ, "ALLOW_DEBUG_AUTH")
    lines = []
    if waiting:
        lines.append(f"The worker of {options.model} takes no work yet: {waiting}")
    if (debug or debug_login) and options.host not in LOOPBACK:
        lines.append(
            f"HOST is {options.host}: everybody who reaches this machine can log in without a password. "
            "For more than a try, set DEBUG=false ALLOW_DEBUG_AUTH=false"
        )
    lines.append(f"Ready after {took_s:.0f} s. Chats, data and logs are kept in {place}; Ctrl-C stops everything.")
    if debug:
        lines.append(f"Django admin:  {address}/admin/   user admin, password admin (made because DEBUG is on)")
    if debug_login:
        lines.append(f"Chat:          {address}   log in with one click: any name, no password")
    else:
        lines.append(
            f"Chat:          {address}   log in with an account; make one: set -a; . {place}/env; set +a; "
            ".venv/bin/python manage.py createsuperuser"
        )
    return lines
