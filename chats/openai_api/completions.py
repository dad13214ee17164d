"""Completions: a request becomes a reply in the queue; its stream is told in OpenAI's shapes.

Unless `store` is true the chat that carries it is transient: no list shows it, and it is deleted once it was
answered. A client that closes its connection cancels the generation.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from functools import partial
from typing import Any

import orjson
from django.http import JsonResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from chats.api.events import PING, PING_S, event_stream
from chats.database import in_database
from chats.errors import BadRequest
from chats.later import LaterResponse
from chats.openai_api.errors import OpenAIView, UnknownModelName, error_body
from chats.openai_api.requests import ChatCompletion, Completion, TextCompletion, parse
from chats.openai_api.shapes import Kind, Shape, finish_reason, usage
from chats.rate import REPLIES
from chats.repository.transient import ask_thread, forget_transient
from chats.repository.work_request import WorkRequest
from chats.streaming.hub import current_hub
from chats.streaming.thoughts import EventReader
from inference import catalogue
from inference.events import ReaderEvent
from inference.model_config import ModelConfig
from inference.prompts import ENGINES_OWN
from inference.prompts.raw import RAW

_cleanups: set[asyncio.Task[None]] = set()


class Completions(OpenAIView):
    """/v1/chat/completions (kind "chat") and /v1/completions ("text")."""

    kind: Kind = "chat"
    throttle_scope = REPLIES

    def post(self, request: Request) -> HttpResponseBase:
        """The completion, whole or as a stream."""
        body: Completion = parse(ChatCompletion if self.kind == "chat" else TextCompletion, request.data)
        config = model_named(body.model)
        options: dict[str, Any] = {}
        if isinstance(body, ChatCompletion):
            thread, options["system_prompt"] = body.thread(), body.system_prompt
        elif isinstance(body, TextCompletion):
            thread, options["prompt_format"] = body.thread(), RAW
            if config.prompt_format == ENGINES_OWN:
                raise BadRequest(
                    f"{config.name} takes no raw prompt, its engine writes it: use /v1/chat/completions.", field="model"
                )
        work = WorkRequest(
            model_config_name=config.name,
            sampling_parameters=body.sampling(config),
            do_sample=not body.is_greedy,
            stop_sequences=body.stop_sequences,
            seed=body.seed,
            **options,
        )
        reply = ask_thread(user=request.user, thread=thread, keep=bool(body.store), request=work)
        shape = Shape(self.kind, str(reply.pk), int(time.time()), config.name)
        include_usage = body.stream_options is not None and body.stream_options.include_usage
        if not body.stream:
            return LaterResponse(partial(_whole, shape, thinks=reply.thinks))

        async def stream() -> HttpResponseBase:
            return event_stream(_stream(shape, include_usage=include_usage, thinks=reply.thinks))

        return LaterResponse(stream)


def model_named(name: str) -> ModelConfig:
    """The model of the catalogue. Raises UnknownModelName (404)."""
    try:
        return catalogue.current().get(name)
    except catalogue.UnknownModel as error:
        raise UnknownModelName(str(error), field="model") from error


async def _whole(shape: Shape, *, thinks: bool) -> JsonResponse:
    """The reply when it has ended."""
    parts: list[str] = []
    thoughts: list[str] = []
    try:
        async with current_hub().reader(shape.message_id, None, can_rewind=True, thinks=thinks) as reader:
            async for event in reader:
                if event["event_type"] == "restart":
                    parts.clear()
                    thoughts.clear()
                elif event["event_type"] == "token":
                    parts.append(event["text"])
                    thoughts.append(event.get("thoughts", ""))
    finally:
        _forget(shape.message_id)
    if event["event_type"] != "message":
        return JsonResponse(error_body(_failure(event), status=503), status=503, headers={"Retry-After": "2"})
    message = event["message"]
    body = shape.whole(
        "".join(parts), thoughts="".join(thoughts), finish_reason=finish_reason(message), usage=usage(message)
    )
    return JsonResponse(body)


async def _stream(shape: Shape, *, include_usage: bool, thinks: bool) -> AsyncIterator[bytes]:
    """The reply as it comes: chunks, then `[DONE]`; an error ends it in OpenAI's error object."""
    try:
        async with current_hub().reader(shape.message_id, None, can_rewind=False, thinks=thinks) as reader:
            if (opening := shape.first_chunk()) is not None:
                yield _frame(opening)
            async for event in _with_pings(reader):
                if event is None:
                    yield PING
                elif event["event_type"] == "token":
                    if thoughts := event.get("thoughts"):
                        yield _frame(shape.thoughts_chunk(thoughts))
                    if text := event["text"]:
                        yield _frame(shape.text_chunk(text))
                elif event["event_type"] == "error":
                    yield _frame(error_body(_failure(event), status=503))
                    return
                elif event["event_type"] == "message":
                    yield _frame(shape.last_chunk(finish_reason(event["message"])))
                    if include_usage:
                        yield _frame(shape.usage_chunk(usage(event["message"])))
            yield b"data: [DONE]\n\n"
    finally:
        _forget(shape.message_id)


async def _with_pings(reader: EventReader) -> AsyncIterator[ReaderEvent | None]:
    """The reader's events; None when there was none for PING_S."""
    while not reader.ended:
        yield await reader.next(PING_S)


def _failure(event: ReaderEvent) -> str:
    return event["error"] if event["event_type"] == "error" else "The reply ended without a result."


def _frame(body: Mapping[str, Any]) -> bytes:
    return b"data: " + orjson.dumps(body) + b"\n\n"


def _forget(message_id: str) -> None:
    """Cancel what still runs and delete what is not to be kept; not awaited, since the client may be gone."""
    task = asyncio.ensure_future(in_database(forget_transient, message_id))
    _cleanups.add(task)
    task.add_done_callback(_cleanups.discard)
