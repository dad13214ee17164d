"""`manage.py models`, against servers that describe themselves as TGI, vLLM, llama.cpp and plainer ones do."""

import asyncio
import io
import os
import re
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from inference import catalogue
from inference.catalogue import load_catalogue
from inference.prompts import FORMATS, ThreadMessage
from tests.tries import FOR_SECONDS

MODELS = """\
[models.small] # mine
model_id = "a/small"
prompt_format = "chatml"
max_input_length = 10
max_total_length = 20
"""
ROOT = Path(__file__).resolve().parents[2]
ROLES = {"user": "prompter", "assistant": "assistant"}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "models.toml"
    path.write_text(MODELS)
    monkeypatch.setenv(catalogue.FILE_VARIABLE, os.fspath(path))
    return path


def write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")


def written(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def rendered(body: dict[str, Any], form: str) -> str:
    """What a template of this format makes of the messages."""
    thread = [ThreadMessage(ROLES[each["role"]], each["content"]) for each in body["messages"]]  # type: ignore[arg-type]
    return FORMATS[form].render(thread, None)


@asynccontextmanager
async def engine(
    get: dict[str, Any], post: dict[str, Callable[[dict[str, Any]], Any]] | None = None, api_key: str | None = None
) -> AsyncIterator[str]:
    """A server that answers these paths with JSON, and all others with 404; its address."""

    async def handle(request: web.Request) -> web.Response:
        if api_key and request.headers.get("Authorization") != f"Bearer {api_key}":
            return web.json_response({"error": "no key"}, status=401)
        if request.method == "GET" and request.path in get:
            return web.json_response(get[request.path])
        if request.method == "POST" and request.path in (post or {}):
            return web.json_response((post or {})[request.path](await request.json()))
        return web.Response(status=404)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")


async def manage(*arguments: str) -> str:
    """What `manage.py models` says."""
    out = io.StringIO()
    await asyncio.to_thread(call_command, "models", *arguments, stdout=out)
    return out.getvalue()


def listing(*models: dict[str, Any]) -> dict[str, Any]:
    return {"/v1/models": {"object": "list", "data": list(models)}}


TGI = {
    "/info": {
        "model_id": "org/seven-b", "router": "text-generation-router", "max_input_tokens": 3000,
        "max_total_tokens": 4000, "max_concurrent_requests": 128,
    }
}  # fmt: skip


async def test_the_catalogue_is_listed_and_checked(file: Path):
    told = await manage()
    assert "small" in told
    assert f"{file}: 1 models, no mistakes" in told
    write(file, MODELS + "colour = 1\n")
    with pytest.raises(CommandError, match=r"models\.toml:6: models\.small\.colour: no such key"):
        await manage()


async def test_a_tgi_fills_the_entry_in_and_its_template_is_recognised(file: Path):
    tried = {"/chat_tokenize": lambda body: {"templated_text": "<|begin_of_text|>" + rendered(body, "llama-3")}}
    async with engine(TGI, tried) as url:
        told = await manage("add", "seven", "--engine-url", url)
    assert written(file).startswith(MODELS)
    added = load_catalogue(file).get("seven")
    assert (added.model_id, added.engine, added.prompt_format) == ("org/seven-b", "tgi", "llama-3")
    assert (added.max_input_length, added.max_total_length, added.max_parallel_requests) == (3000, 4000, 128)
    assert f"--model seven --engine-url {url}" in told


async def test_a_vllm_that_opens_thoughts_is_a_reasoning_model(file: Path):
    text = ""

    def tokenize(body: dict[str, Any]) -> dict[str, Any]:
        nonlocal text
        if "messages" not in body:
            return {}
        text = rendered(body, "chatml") + "<think>\n"
        return {"tokens": [1, 2, 3], "count": 3}

    post = {"/tokenize": tokenize, "/detokenize": lambda body: {"prompt": text}}
    async with engine(listing({"id": "org/thinker", "max_model_len": 32768}), post) as url:
        await manage("add", "thinker", "--engine-url", f"{url}/v1")
    added = load_catalogue(file).get("thinker")
    assert (added.engine, added.prompt_format, added.reasoning, added.opens_thoughts) == (
        "openai",
        "chatml",
        True,
        True,
    )
    assert (added.max_input_length, added.max_total_length) == (32512, 32768)


async def test_a_llama_cpp_tells_its_context_its_seats_and_its_template(file: Path):
    get = {
        **listing({"id": "gemma.gguf"}),
        "/props": {"total_slots": 4, "default_generation_settings": {"n_ctx": 512}},
    }
    async with engine(get, {"/apply-template": lambda body: {"prompt": "<bos>" + rendered(body, "gemma")}}) as url:
        await manage("add", "gem", "--engine-url", url)
    added = load_catalogue(file).get("gem")
    assert (added.prompt_format, added.max_total_length, added.max_parallel_requests) == ("gemma", 512, 4)
    assert added.max_input_length == 384


async def test_an_engine_without_a_known_template_applies_it_itself(file: Path):
    async with engine(listing({"id": "a"}, {"id": "b"})) as url:
        with pytest.raises(CommandError, match=r"serves several models.*\(a, b\): name one with --model-id"):
            await manage("add", "other", "--engine-url", url)
        with pytest.raises(CommandError, match="give --max-total-length"):
            await manage("add", "other", "--engine-url", url, "--model-id", "b")
        told = await manage("add", "other", "--engine-url", url, "--model-id", "b", "--max-total-length", "1000")
    assert load_catalogue(file).get("other").prompt_format == "engine"
    assert "name it with --prompt-format: oasst" in told


async def test_the_engines_key_is_sent(file: Path, settings: Any):
    async with engine(TGI, api_key="secret") as url:
        with pytest.raises(CommandError, match="neither TGI's /info nor /v1/models answers"):
            await manage("add", "seven", "--engine-url", url)
        settings.ENGINE_API_KEY = "secret"
        await manage("add", "seven", "--engine-url", url)
    assert load_catalogue(file).get("seven").model_id == "org/seven-b"


async def test_a_name_that_is_taken_is_told_and_nothing_is_written(file: Path):
    async with engine(TGI) as url:
        with pytest.raises(CommandError, match=r"models\.small: is there already"):
            await manage("add", "small", "--engine-url", url)
    assert written(file) == MODELS


async def test_the_packaged_catalogue_is_copied_and_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(catalogue.FILE_VARIABLE, raising=False)
    before = written(catalogue.PACKAGED_FILE)
    async with engine(TGI) as url:
        with pytest.raises(CommandError, match="name a file of yours"):
            await manage("add", "seven", "--engine-url", url)
        told = await manage("add", "seven", "--engine-url", url, "--to", os.fspath(tmp_path / "mine.toml"))
    assert written(catalogue.PACKAGED_FILE) == before
    assert written(tmp_path / "mine.toml").startswith(before)
    assert f"OASST_MODELS_FILE={tmp_path / 'mine.toml'}" in told


async def test_the_web_takes_a_new_model_up_without_a_restart(file: Path, asked: Callable[[], Awaitable[list[str]]]):
    assert await asked() == ["small"]
    async with engine(TGI) as url:
        await manage("add", "seven", "--engine-url", url)
    assert await asked() == ["small", "seven"]


@pytest.fixture
def asked() -> Callable[[], Awaitable[list[str]]]:
    """The models that the API offers."""

    async def ask() -> list[str]:
        answer = await asyncio.to_thread(Client().get, "/api/configs/model_configs")
        return [each["name"] for each in answer.json()]

    return ask


def test_an_engine_that_takes_its_time_is_spoken_of(file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with subprocess.Popen(
            [sys.executable, "manage.py", "models", "add", "mine", "--engine-url", url],
            cwd=ROOT,
            env={**os.environ, "DEBUG": "true"},
            stderr=subprocess.PIPE,
            text=True,
        ) as adding:
            assert adding.stderr is not None
            assert re.fullmatch(rf"waiting for an answer of {re.escape(url)} {FOR_SECONDS}\n", adding.stderr.readline())
            adding.kill()
