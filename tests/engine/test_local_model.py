"""`make run-local`: real weights, a real engine, real tokens, over the whole path."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil  # type: ignore[import-untyped]
import pytest
from openai import OpenAI

from inference.catalogue import load_catalogue
from tests.oasst_site.stack.stack_run import StackRun

pytestmark = pytest.mark.engine

MODEL = "tiny-random"
LONG = 200
"""Tokens of a reply that is struck while it streams."""


@pytest.fixture
def client(run: StackRun, port: int) -> Iterator[OpenAI]:
    """Somebody new."""
    url = f"http://127.0.0.1:{port}"
    token = httpx.get(f"{url}/api/auth/callback/debug", params={"code": "ada"}).json()["access_token"]["access_token"]
    with OpenAI(base_url=f"{url}/v1", api_key=token, max_retries=0, timeout=120) as client:
        yield client


def ask(client: OpenAI, prompt: str, **options: Any) -> Any:
    return client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": prompt}], **options)


def stored(client: OpenAI) -> dict[str, Any]:
    """The newest reply that was kept, as the API tells it."""
    api = httpx.Client(
        base_url=str(client.base_url).replace("/v1", "/api"), headers={"Authorization": f"Bearer {client.api_key}"}
    )
    with api:
        [newest, *_] = api.get("/chats").json()["chats"]
        return dict(api.get(f"/chats/{newest['id']}").json()["messages"][-1])


def test_the_catalogues_entry_is_what_the_models_files_say(run: StackRun):
    config = load_catalogue(run.folder / "models.toml").get(MODEL)
    assert (config.model_id, config.prompt_format, config.engine) == (MODEL, "chatml", "openai")
    assert (config.max_input_length, config.max_total_length, config.max_parallel_requests) == (3840, 4096, 1)


def test_the_loading_of_the_weights_is_shown(run: StackRun):
    lines = [line for line in run.output.splitlines() if line.startswith("engine")]
    assert any("Loading weights" in line and "100%" in line for line in lines), run.output


def test_no_path_of_this_machine_is_told(run: StackRun, port: int, tiny_model: Path):
    told = httpx.get(f"http://127.0.0.1:{port}/api/configs/model_configs").text
    assert MODEL in told
    assert str(tiny_model.parent) not in told


def test_a_reply_comes_token_by_token_and_is_counted(client: OpenAI):
    stream = ask(client, "Hello", max_tokens=40, seed=7, stream=True, stream_options={"include_usage": True})
    pieces, usage = [], None
    for chunk in stream:
        usage = chunk.usage or usage
        pieces += [choice.delta.content for choice in chunk.choices if choice.delta.content]
    assert len(pieces) > 5
    assert usage is not None
    assert usage.completion_tokens == 40
    assert len("".join(pieces)) <= 40  # a token is a character


def test_the_same_seed_says_the_same_and_another_one_does_not(client: OpenAI):
    def said(seed: int) -> str:
        return ask(client, "Say something", max_tokens=60, seed=seed, temperature=0.9).choices[0].message.content

    assert said(3) == said(3) != said(4)


def test_a_reply_goes_on_when_its_worker_is_killed(run: StackRun, client: OpenAI):
    """Greedy, so that the reply in one piece tells what the reply in two pieces must be."""
    whole = ask(client, "Tell me all", max_tokens=LONG, temperature=0).choices[0].message.content
    assert len(whole) > LONG // 2, "the model must not end by itself"
    worker = run.pid_of("celery", f"--model {MODEL}")
    assert worker is not None
    shown = ""
    struck = False
    for chunk in ask(client, "Tell me all", max_tokens=LONG, temperature=0, stream=True, store=True):
        shown += chunk.choices[0].delta.content or ""
        if not struck and len(shown) > LONG // 10:
            os.kill(worker, signal.SIGKILL)
            struck = True
    run.until(lambda: not psutil.pid_exists(worker), "the killed worker is gone")
    assert shown == whole
    reply = stored(client)
    assert (reply["state"], reply["content"], reply["generated_tokens"]) == ("complete", whole, LONG)
    [resumption] = reply["resumptions"]
    assert 0 < resumption["offset"] < len(whole)


def test_a_killed_engine_is_loaded_again_and_the_reply_goes_on(run: StackRun, client: OpenAI):
    engine = run.pid_of("transformers", "serve")
    assert engine is not None
    shown = ""
    struck = False
    for chunk in ask(client, "Tell me more", max_tokens=LONG, seed=5, stream=True):
        shown += chunk.choices[0].delta.content or ""
        if not struck and len(shown) > LONG // 10:
            os.kill(engine, signal.SIGKILL)
            struck = True
    assert struck
    assert len(shown) > LONG // 2
