"""The endpoints for tests, which TGI has not: ``/_faults`` and ``/_requests``.

They are for this machine only (a prompt is nobody else's business), and not for pages in a browser: those send
an ``Origin`` and cannot send JSON to another origin without asking first.
"""

from ipaddress import ip_address

import orjson
from aiohttp import web
from pydantic import ValidationError

from inference.demo_tgi.faults import FAULTS
from inference.demo_tgi.state import STATE


async def post_faults(request: web.Request) -> web.Response:
    """``POST /_faults``: arms one fault or a list of them (see ``faults.Fault``); answers with all that are armed."""
    _for_this_machine(request)
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="Send faults as application/json")
    try:
        data = orjson.loads(await request.read())
        faults = FAULTS.validate_python(data if isinstance(data, list) else [data])
    except orjson.JSONDecodeError as error:
        raise web.HTTPBadRequest(text=f"The body is no JSON: {error}") from None
    except ValidationError as error:
        return web.json_response({"error": error.errors(include_url=False, include_context=False)}, status=422)
    state = request.app[STATE]
    state.faults.arm(faults)
    return web.json_response({"armed": state.faults.told()})


async def get_faults(request: web.Request) -> web.Response:
    """``GET /_faults``: what is armed, and for how many requests still."""
    _for_this_machine(request)
    return web.json_response({"armed": request.app[STATE].faults.told()})


async def delete_faults(request: web.Request) -> web.Response:
    """``DELETE /_faults``: disarms all."""
    _for_this_machine(request)
    request.app[STATE].faults.disarm()
    return web.json_response({"armed": []})


async def get_requests(request: web.Request) -> web.Response:
    """``GET /_requests?prompt_contains=TEXT``: counts and the latest requests, all or those with the text."""
    _for_this_machine(request)
    told = request.app[STATE].ledger.told(request.query.get("prompt_contains", ""))
    return web.Response(body=orjson.dumps(told), content_type="application/json")


def _for_this_machine(request: web.Request) -> None:
    try:
        local = ip_address(request.remote or "").is_loopback
    except ValueError:
        local = False
    if not local or "Origin" in request.headers:
        raise web.HTTPForbidden(text=f"{request.path} is for programs on the machine that this server runs on")
