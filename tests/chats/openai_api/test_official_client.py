"""The OpenAI-compatible API over a running stack, asked by OpenAI's own package."""

import asyncio
from uuid import uuid4

import httpx
import pytest
from openai import AsyncOpenAI, AuthenticationError, BadRequestError, InternalServerError, NotFoundError, OpenAI

from inference.demo_tgi import lorem_text
from tests.chats.waiting import until
from tests.live.one_machine import MODEL


def ask(text: str) -> list:
    """A conversation of one prompt."""
    return [{"role": "user", "content": text}]


@pytest.fixture
def prompt() -> str:
    """A prompt that no other test sends."""
    return f"Tell me of {uuid4().hex}"


# --- whole replies ---


def test_a_completion_is_what_the_model_says(client: OpenAI, prompt):
    made = client.chat.completions.create(model=MODEL, messages=ask(prompt), seed=7, max_tokens=12)
    [choice] = made.choices
    assert choice.message.content == lorem_text(7, prompt, 12)
    assert (choice.message.role, choice.finish_reason, choice.index) == ("assistant", "length", 0)
    assert (made.object, made.model) == ("chat.completion", MODEL)
    assert made.usage is not None
    assert made.usage.completion_tokens == 12
    assert made.usage.prompt_tokens > 0
    assert made.usage.total_tokens == made.usage.prompt_tokens + 12


async def test_the_asynchronous_client_gets_the_same(async_client: AsyncOpenAI, prompt):
    made = await async_client.chat.completions.create(
        model=MODEL, messages=ask(prompt), seed=7, max_completion_tokens=12
    )
    assert made.choices[0].message.content == lorem_text(7, prompt, 12)


def test_the_same_seed_says_the_same_and_another_one_does_not(client: OpenAI, prompt):
    def said(seed):
        made = client.chat.completions.create(model=MODEL, messages=ask(prompt), seed=seed, max_tokens=12)
        return made.choices[0].message.content

    assert said(3) == said(3) != said(4)


def test_a_stop_sequence_ends_the_reply_and_is_not_in_it(client: OpenAI, prompt):
    whole = lorem_text(5, prompt, 40)
    stop = whole[len(whole) // 2 :].split(" ")[1]
    made = client.chat.completions.create(model=MODEL, messages=ask(prompt), seed=5, max_tokens=40, stop=[stop])
    assert made.choices[0].message.content == whole[: whole.index(stop)]
    assert made.choices[0].finish_reason == "stop"


def test_temperature_zero_takes_the_likeliest_token(client: OpenAI, stack, prompt):
    client.chat.completions.create(model=MODEL, messages=ask(prompt), temperature=0, max_tokens=2)
    [asked] = stack.engine_requests(prompt)["latest"]
    parameters = asked["parameters"]
    assert not parameters.get("do_sample")
    # Each of these switches TGI's sampling on, whatever do_sample says.
    assert not {"temperature", "top_p", "top_k", "typical_p"} & set(parameters)


def test_sampling_parameters_reach_the_engine(client: OpenAI, stack, prompt):
    client.chat.completions.create(
        model=MODEL, messages=ask(prompt), temperature=0.5, top_p=0.7, seed=11, max_tokens=3, n=1
    )
    [asked] = stack.engine_requests(prompt)["latest"]
    wanted = {"temperature": 0.5, "top_p": 0.7, "seed": 11, "max_new_tokens": 3, "do_sample": True}
    assert {name: asked["parameters"].get(name) for name in wanted} == wanted


def test_system_and_developer_messages_and_the_whole_thread_reach_the_model(client: OpenAI, stack, prompt):
    client.chat.completions.create(
        model=MODEL,
        max_tokens=2,
        messages=[
            {"role": "system", "content": "Be brief."},
            {"role": "developer", "content": "Speak plainly."},
            {"role": "user", "content": "First."},
            {"role": "assistant", "content": "Second."},
            {"role": "user", "content": [{"type": "text", "text": prompt}]},
        ],
    )
    [asked] = stack.engine_requests(prompt)["latest"]
    places = [asked["inputs"].index(text) for text in ("Be brief.", "Speak plainly.", "First.", "Second.", prompt)]
    assert places == sorted(places)


# --- streams ---


def test_a_stream_brings_the_same_text_in_pieces(client: OpenAI, prompt):
    with client.chat.completions.create(
        model=MODEL, messages=ask(prompt), seed=9, max_tokens=30, stream=True
    ) as stream:
        chunks = list(stream)
    assert chunks[0].choices[0].delta.role == "assistant"
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == lorem_text(9, prompt, 30)
    assert [chunk.choices[0].finish_reason for chunk in chunks[-2:]] == [None, "length"]
    assert len(chunks) > 5
    assert {chunk.object for chunk in chunks} == {"chat.completion.chunk"}
    assert len({chunk.id for chunk in chunks}) == 1
    assert all(chunk.usage is None for chunk in chunks)


async def test_an_asynchronous_stream_ends_in_its_usage_when_asked_for(async_client: AsyncOpenAI, prompt):
    stream = await async_client.chat.completions.create(
        model=MODEL,
        messages=ask(prompt),
        seed=9,
        max_tokens=20,
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = [chunk async for chunk in stream]
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == lorem_text(9, prompt, 20)
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens == 20
    assert all(chunk.usage is None for chunk in chunks[:-1])


async def test_closing_a_streams_connection_cancels_the_generation(async_client: AsyncOpenAI, stack, prompt):
    stream = await async_client.chat.completions.create(model=MODEL, messages=ask(prompt), max_tokens=4000, stream=True)
    async for chunk in stream:
        if chunk.choices[0].delta.content:
            break
    assert stack.engine_requests(prompt)["open"] == 1
    await stream.close()
    await until(lambda: stack.engine_requests(prompt)["cancelled"] == 1)


async def test_leaving_before_the_whole_reply_cancels_the_generation(stack, token, prompt):
    async with httpx.AsyncClient(base_url=stack.url, headers={"Authorization": f"Bearer {token}"}) as http:
        body = {"model": MODEL, "messages": ask(prompt), "max_tokens": 4000}
        waiting = asyncio.create_task(http.post("/v1/chat/completions", json=body, timeout=60))
        await until(lambda: stack.engine_requests(prompt)["open"] == 1)
        waiting.cancel()
        await until(lambda: stack.engine_requests(prompt)["cancelled"] == 1)


# --- kept or not ---


def test_nothing_is_kept_unless_store_is_asked_for(client: OpenAI, stack, token, prompt):
    with httpx.Client(base_url=f"{stack.url}/api", headers={"Authorization": f"Bearer {token}"}) as rest:
        client.chat.completions.create(model=MODEL, messages=ask(prompt), max_tokens=3, store=False)
        client.chat.completions.create(model=MODEL, messages=ask(prompt), max_tokens=3)
        assert rest.get("/chats").json()["chats"] == []
        made = client.chat.completions.create(model=MODEL, messages=ask(prompt), max_tokens=3, seed=1, store=True)
        [chat] = rest.get("/chats").json()["chats"]
        asked, replied = rest.get(f"/chats/{chat['id']}").json()["messages"]
    assert (asked["content"], replied["content"]) == (prompt, lorem_text(1, prompt, 3))
    assert made.id == f"chatcmpl-{replied['id']}"


# --- raw prompts ---


def test_a_raw_prompt_goes_to_the_model_as_it_is(client: OpenAI, stack, prompt):
    made = client.completions.create(model=MODEL, prompt=prompt, seed=2, max_tokens=8)
    assert made.choices[0].text == lorem_text(2, prompt, 8)
    assert (made.object, made.choices[0].finish_reason) == ("text_completion", "length")
    [asked] = stack.engine_requests(prompt)["latest"]
    assert asked["inputs"] == prompt


def test_a_raw_prompt_streams(client: OpenAI, prompt):
    stream = client.completions.create(model=MODEL, prompt=prompt, seed=2, max_tokens=8, stream=True)
    assert "".join(chunk.choices[0].text for chunk in stream) == lorem_text(2, prompt, 8)


def test_a_model_whose_engine_writes_the_prompt_takes_no_raw_one(client: OpenAI, prompt):
    with pytest.raises(BadRequestError) as refused:
        client.completions.create(model="chatty", prompt=prompt)
    assert refused.value.param == "model"


# --- models ---


def test_the_models_are_the_catalogues(client: OpenAI):
    assert [model.id for model in client.models.list()] == [MODEL, "chatty"]
    assert client.models.retrieve(MODEL).owned_by == "tests"
    with pytest.raises(NotFoundError) as refused:
        client.models.retrieve("gpt-4")
    assert refused.value.code == "model_not_found"


# --- refusals ---


@pytest.mark.parametrize(
    ("further", "param"),
    [
        ({"n": 2}, "n"),
        ({"logprobs": True}, "logprobs"),
        ({"frequency_penalty": 1.0}, "frequency_penalty"),
        ({"presence_penalty": 0.5}, "presence_penalty"),
        ({"logit_bias": {"50256": -100}}, "logit_bias"),
        ({"tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}]}, "tools"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"temperature": 3}, "temperature"),
        ({"top_p": 0}, "top_p"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_tokens": 100_000}, "max_tokens"),
        ({"max_completion_tokens": 100_000}, "max_completion_tokens"),
        ({"seed": -1}, "seed"),
        ({"stop": ["1", "2", "3", "4", "5"]}, "stop"),
        ({"extra_body": {"surprise": 1}}, "surprise"),
    ],
    ids=lambda value: "" if isinstance(value, str) else next(iter(value)),
)
def test_what_is_not_supported_gets_a_400_that_names_it(client: OpenAI, prompt, further, param):
    with pytest.raises(BadRequestError) as refused:
        client.chat.completions.create(model=MODEL, messages=ask(prompt), **further)
    error = refused.value
    assert (error.param, error.type, error.status_code) == (param, "invalid_request_error", 400)
    assert param in error.message


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [{"role": "user", "content": ""}],
        [{"role": "system", "content": "Be brief."}],
        [{"role": "user", "content": "One."}, {"role": "assistant", "content": "Two."}],
        [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}]}],
        [{"role": "tool", "content": "42", "tool_call_id": "1"}],
    ],
    ids=["none", "empty", "system-only", "no-prompt-last", "image", "tool"],
)
def test_messages_that_cannot_be_answered_get_a_400(client: OpenAI, messages):
    with pytest.raises(BadRequestError) as refused:
        client.chat.completions.create(model=MODEL, messages=messages)
    assert (refused.value.param or "").startswith("messages")


def test_an_unknown_model_is_not_found(client: OpenAI, prompt):
    with pytest.raises(NotFoundError) as refused:
        client.chat.completions.create(model="gpt-4", messages=ask(prompt))
    assert (refused.value.code, refused.value.param) == ("model_not_found", "model")


@pytest.mark.parametrize("key", ["nonsense", "oasst_nonsense"])
def test_a_wrong_key_is_an_authentication_error(stack, prompt, key):
    with (
        OpenAI(base_url=f"{stack.url}/v1", api_key=key, max_retries=0) as client,
        pytest.raises(AuthenticationError) as refused,
    ):
        client.chat.completions.create(model=MODEL, messages=ask(prompt))
    assert refused.value.type == "authentication_error"


def test_no_key_at_all_is_an_authentication_error_too(stack):
    answer = httpx.post(f"{stack.url}/v1/chat/completions", json={})
    assert (answer.status_code, answer.json()["error"]["type"]) == (401, "authentication_error")


def test_no_json_is_told_in_openais_error_object(stack, token):
    answer = httpx.post(f"{stack.url}/v1/chat/completions", content=b"{", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 400
    assert set(answer.json()["error"]) == {"message", "type", "param", "code"}


def test_an_engine_that_fails_for_good_is_an_error_that_may_be_retried(client: OpenAI, stack, prompt):
    stack.arm(kind="error", error_type="validation", prompt_contains=prompt, count=None)
    with pytest.raises(InternalServerError) as failed:
        client.chat.completions.create(model=MODEL, messages=ask(prompt), max_tokens=5)
    assert failed.value.status_code == 503
    assert failed.value.response.headers["Retry-After"] == "2"
