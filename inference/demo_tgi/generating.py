"""The generating endpoints ``/``, ``/generate`` and ``/generate_stream``."""

import asyncio
from dataclasses import asdict, replace

from aiohttp import web

from inference.demo_tgi.faults import Endpoint, Fate, Fault
from inference.demo_tgi.ledger import Entry
from inference.demo_tgi.request import GenerateRequest, read_request
from inference.demo_tgi.state import STATE
from inference.demo_tgi.streaming import stream
from inference.demo_tgi.waiting import forever
from inference.demo_tgi.whole import generate


async def post_generate(request: web.Request) -> web.StreamResponse:
    """``POST /generate``."""
    return await _answer(request, await read(request), streamed=False)


async def post_generate_stream(request: web.Request) -> web.StreamResponse:
    """``POST /generate_stream``."""
    return await _answer(request, await read(request), streamed=True)


async def post_compat(request: web.Request) -> web.StreamResponse:
    """``POST /``: streams or not as the body says; the full text is the default there, as with TGI."""
    asked = await read(request)
    if asked.parameters.return_full_text is None:
        asked = replace(asked, parameters=replace(asked.parameters, return_full_text=True))
    return await _answer(request, asked, streamed=asked.stream, in_list=True)


async def read(request: web.Request) -> GenerateRequest:
    """The body as a request. Raises ``UnreadableRequest``, and aiohttp's 413 for one that is too large."""
    return read_request(await request.read(), request.content_type)


async def suffer_status(request: web.Request, on: Endpoint) -> web.Response | None:
    """The answer of a fault that is armed for another endpoint than generation; None when there is none."""
    fate = request.app[STATE].faults.fate(on)
    await asyncio.sleep(fate.delay_s)
    if fate.fault and fate.fault.kind == "silence":
        await forever()
    return status_answer(fate.fault) if fate.fault and fate.fault.kind == "status" else None


def status_answer(fault: Fault) -> web.Response:
    """The answer of a ``status`` fault: TGI's own JSON, or what a proxy before it would say."""
    if fault.body == "html":
        page = f"<html><head><title>{fault.status}</title></head><body>told to fail</body></html>"
        return web.Response(status=fault.status, text=page, content_type="text/html")
    if fault.body == "none":
        return web.Response(status=fault.status)
    known = {429: ("Model is overloaded", "overloaded"), 503: ("unhealthy", "healthcheck")}
    error, error_type = known.get(fault.status, ("Request failed during generation: told to fail", "generation"))
    return web.json_response({"error": error, "error_type": error_type}, status=fault.status)


async def _answer(
    request: web.Request, asked: GenerateRequest, *, streamed: bool, in_list: bool = False
) -> web.StreamResponse:
    state = request.app[STATE]
    state.metrics.request()
    fate = state.faults.fate("generate", asked.inputs)
    entry = state.ledger.start(request.path, asked.inputs, _said(asked), fate.kind)
    try:
        early = await _before(fate, entry)
        if early is not None:
            state.ledger.end(entry, "refused")
            return early
        if streamed:
            return await stream(state, request, asked, fate, entry)
        return await generate(state, request, asked, fate, entry, in_list=in_list)
    except (asyncio.CancelledError, ConnectionResetError):
        state.ledger.end(entry, "cancelled")
        raise
    finally:
        state.ledger.end(entry, "failed")


async def _before(fate: Fate, entry: Entry) -> web.Response | None:
    """What a fault does before the reply begins."""
    if fate.delay_s:
        await asyncio.sleep(fate.delay_s)
    fault = fate.fault
    if fault and fault.kind == "silence":
        await forever()
    return status_answer(fault) if fault and fault.kind == "status" else None


def _said(asked: GenerateRequest) -> dict[str, object]:
    """The parameters that the request named."""
    return {name: value for name, value in asdict(asked.parameters).items() if value not in (None, False, ())}
