"""The endpoints that tell something: ``/health``, ``/info``, ``/tokenize``, ``/v1/models``, ``/metrics``."""

import orjson
from aiohttp import web

from inference.demo_tgi import tokens
from inference.demo_tgi.generating import read, suffer_status
from inference.demo_tgi.state import STATE

_VERSION = "3.3.6"
"""The version of TGI whose API this is."""


async def get_root(request: web.Request) -> web.Response:
    """``GET /``: TGI answers as for ``/health``; here it also tells people where they are."""
    state = request.app[STATE]
    return web.Response(
        text=f"A stand-in for text-generation-inference, model {state.options.model}. It holds no language model.\n"
        "TGI's API: POST /generate_stream, /generate, /tokenize; GET /info, /health, /metrics, /v1/models.\n"
        "For tests: POST /_faults, GET /_requests.\n"
    )


async def get_health(request: web.Request) -> web.Response:
    """``GET /health``: 200 without a body, or what a fault says."""
    return await suffer_status(request, "health") or web.Response()


async def get_info(request: web.Request) -> web.Response:
    """``GET /info``: TGI's ``Info``."""
    failed = await suffer_status(request, "info")
    if failed:
        return failed
    options = request.app[STATE].options
    limits = options.limits
    return web.json_response(
        {
            "model_id": options.served_id,
            "model_sha": None,
            "model_pipeline_tag": "text-generation",
            "max_concurrent_requests": limits.max_concurrent_requests,
            "max_best_of": limits.max_best_of,
            "max_stop_sequences": limits.max_stop_sequences,
            "max_input_tokens": limits.max_input_tokens,
            "max_total_tokens": limits.max_total_tokens,
            "validation_workers": 1,
            "max_client_batch_size": 1,
            "router": "demo_tgi",
            "version": _VERSION,
            "sha": None,
            "docker_label": None,
        }
    )


async def get_models(request: web.Request) -> web.Response:
    """``GET /v1/models``: OpenAI's list, of one model."""
    served = request.app[STATE].options.served_id
    model = {"id": served, "object": "model", "created": 0, "owned_by": served}
    return web.json_response({"object": "list", "data": [model]})


async def post_tokenize(request: web.Request) -> web.Response:
    """``POST /tokenize``: the tokens of ``inputs``, after ``truncate``."""
    asked = await read(request)
    failed = await suffer_status(request, "tokenize")
    if failed:
        return failed
    spans = list(tokens.spans(asked.inputs))
    if asked.parameters.truncate is not None:
        spans = spans[len(spans) - min(len(spans), asked.parameters.truncate) :]
    told = [{"id": tokens.token_id(text), "text": text, "start": start, "stop": stop} for text, start, stop in spans]
    return web.Response(body=orjson.dumps(told), content_type="application/json")


async def get_metrics(request: web.Request) -> web.Response:
    """``GET /metrics``: Prometheus' text format."""
    state = request.app[STATE]
    return web.Response(
        text=state.metrics.text(running=state.running),
        headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"},
    )
