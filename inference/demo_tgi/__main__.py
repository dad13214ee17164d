"""``python -m inference.demo_tgi``: the demo TGI as a process of its own."""

import asyncio
import errno
import os
import signal
import sys

from inference.demo_tgi.options import Options, read_options
from inference.demo_tgi.server import serve


def main() -> int:
    """Serves until SIGINT or SIGTERM. Exit code 2 and one line when it cannot start."""
    options = read_options(sys.argv[1:], os.environ)
    try:
        asyncio.run(_serve(options))
    except OSError as error:
        sys.stderr.write(f"demo_tgi: {_reason(error, options)}\n")
        return 2
    except KeyboardInterrupt:
        pass
    return 0


async def _serve(options: Options) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await serve(options, lambda url: _tell(url, options), stop)


def _tell(url: str, options: Options) -> None:
    speed = f"{options.tokens_per_second:g} tokens/s" if options.tokens_per_second else "as fast as it can"
    sys.stdout.write(f"demo TGI listening on {url} (model {options.model}, {speed})\n")
    sys.stdout.flush()


def _reason(error: OSError, options: Options) -> str:
    where = f"port {options.port} on {options.host}"
    if error.errno == errno.EADDRINUSE:
        return f"{where} is in use; stop the program that listens there or give another --port (0 picks a free one)"
    if error.errno == errno.EACCES and not error.filename:
        return f"{where} is not allowed to this user; give a --port above 1023"
    if error.filename:
        return f"cannot read the documentation: {error}"
    return f"cannot listen on {where}: {error.strerror or error}; give another --host"


if __name__ == "__main__":
    sys.exit(main())
