"""`python -m oasst_site.web -b HOST -p PORT`: the web server, on uvloop."""

import asyncio
import sys

import uvloop

if __name__ == "__main__":
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())  # Daphne makes its loop while it is being imported
    from oasst_site.web.command import main

    main(sys.argv[1:])
