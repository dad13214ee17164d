"""Prompt, truncation, engine and stop filter together, against the demo TGI over HTTP."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from inference.catalogue import PACKAGED_FILE, ModelConfig, load_catalogue
from inference.demo_tgi import Options, lorem_text, running
from inference.engines import AutoEngine, EngineRequest, Finished, TextChunk, TGIEngine, make_engine
from inference.parameters import SamplingParameters, WorkParameters
from inference.prompts import FORMATS, ThreadMessage, get_format
from inference.stops import StopFilter
from inference.truncation import fit

SEED = 11


@pytest.fixture
async def engine() -> AsyncGenerator[TGIEngine, None]:
    async with running(Options(model="_lorem", port=0, tokens_per_second=0)) as url:
        engine = TGIEngine(url, token_timeout_s=5.0)
        yield engine
        await engine.aclose()


def config_of(prompt_format: str, *, max_input_length: int = 8000) -> ModelConfig:
    return ModelConfig(
        name="filler",
        model_id="_lorem",
        prompt_format=prompt_format,
        max_input_length=max_input_length,
        max_total_length=2 * max_input_length,
    )


async def reply(
    engine: TGIEngine,
    config: ModelConfig,
    thread: list[ThreadMessage],
    *,
    so_far: str = "",
    tokens: int,
    enough: int = 2**30,
) -> tuple[str, int]:
    """What is shown of a reply and the tokens it took; broken off after ``enough`` tokens."""
    parameters = WorkParameters(config=config.work_config, seed=SEED, system_prompt="Be brief.")
    prompt = await fit(
        thread,
        config=config,
        parameters=parameters,
        count_tokens=engine.count_tokens,
        continuation=so_far,
        max_new_tokens=tokens,
    )
    request = EngineRequest(
        prompt=prompt.text,
        sampling=SamplingParameters.model_validate({}),
        do_sample=True,
        seed=SEED,
        max_new_tokens=prompt.max_new_tokens,
        stop=get_format(config.prompt_format).stop_sequences,
    )
    stops = StopFilter(request.stop)
    shown, spent = "", 0
    async with aclosing(engine.generate(request)) as stream:
        async for item in stream:
            if isinstance(item, Finished):
                # A short prompt is not counted beforehand.
                assert prompt.input_tokens in (None, item.input_tokens)
                return shown + stops.flush(), spent
            assert isinstance(item, TextChunk)
            shown += stops.feed(item.text)
            spent += item.tokens
            if spent >= enough:
                break
    return shown, spent


@pytest.mark.parametrize("prompt_format", [name for name in FORMATS if name not in ("engine", "raw")])
async def test_a_reply_that_is_cut_off_goes_on_in_mid_sentence(engine: TGIEngine, prompt_format: str):
    config = config_of(prompt_format)
    thread = [ThreadMessage("prompter", "tell me a story")]
    whole, spent = await reply(engine, config, thread, tokens=200)
    assert spent == 200
    begun, spent = await reply(engine, config, thread, tokens=200, enough=77)
    assert whole.startswith(begun)
    rest, _ = await reply(engine, config, thread, so_far=begun, tokens=200 - spent)
    assert begun + rest == whole


async def test_the_reply_is_the_one_that_the_seed_and_the_prompt_say(engine: TGIEngine):
    thread = [ThreadMessage("prompter", "a"), ThreadMessage("assistant", "b"), ThreadMessage("prompter", "tell me")]
    shown, _ = await reply(engine, config_of("chatml"), thread, tokens=50)
    assert shown == lorem_text(SEED, "tell me", 50)


async def test_a_long_thread_is_cut_to_what_the_engine_itself_counts(engine: TGIEngine):
    thread = [
        ThreadMessage("assistant" if at % 2 else "prompter", f"message number {at} says a few words, and more")
        for at in range(401)
    ]
    config = config_of("oasst", max_input_length=500)
    shown, spent = await reply(engine, config, thread, tokens=20)
    assert spent == 20
    assert shown == lorem_text(SEED, thread[-1].content, 20)


async def test_the_demo_model_answers_within_the_catalogues_limits():
    config = load_catalogue(PACKAGED_FILE).get("demo")
    async with running(Options(model="demo", port=0, tokens_per_second=0)) as url:
        engine = make_engine("auto", url, model_id=config.model_id, token_timeout_s=5.0)
        assert isinstance(engine, AutoEngine)
        assert await engine.health()
        info = await engine.info()
        assert info.model_id == config.model_id
        assert info.max_input_tokens is not None
        assert info.max_input_tokens >= config.max_input_length
        assert info.max_total_tokens is not None
        assert info.max_total_tokens >= config.max_total_length
        await engine.aclose()
