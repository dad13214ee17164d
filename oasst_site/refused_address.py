"""Why a server cannot listen on an address, and which other one to give: the stack's, and one started by hand."""

import errno
from contextlib import suppress


def refused_address(host: str, port: int, error: BaseException, *, port_as: str, host_as: str) -> tuple[str, str]:
    """What is wrong and the way out, a sentence each. `port_as`, `host_as`: how one is given, with {} for it."""
    number = getattr(error, "errno", None)
    if number == errno.EADDRINUSE:
        return f"Port {port} on {host} is in use{_owner(port)}", f"Choose another: {port_as.format(_next(port))}"
    if number == errno.EACCES:
        return f"Port {port} may not be opened by this user", f"Choose one above 1023: {port_as.format(8000)}"
    if number == errno.EADDRNOTAVAIL:
        return f"{host!r} is no address of this machine", f"Use {host_as.format('127.0.0.1')} or 0.0.0.0"
    return f"Port {port} on {host} cannot be opened ({error})", f"Choose another: {port_as.format(8001)}"


def _next(port: int) -> int:
    return port + 1 if port < 65_535 else 8001


def _owner(port: int) -> str:
    """` by NAME (process ID)`, as far as this user may see it; a server without psutil does not look."""
    with suppress(ImportError):
        import psutil  # type: ignore[import-untyped]

        with suppress(psutil.Error, OSError):
            for connection in psutil.net_connections("tcp"):
                if connection.status == psutil.CONN_LISTEN and connection.laddr[1] == port and connection.pid:
                    return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    return ""
