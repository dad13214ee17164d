"""The client in scripts: pipes, exit codes, errors."""

import asyncio
import os
import signal
import sys

from tests.chats.text_client.terminal import ROOT
from tests.chats.text_client.wire_server import Script

REPLY = "Grüße, Wélt — 🦀 bytes.\nLine\u2028separator and \x1b[31mescape stay as they are.\n"


async def test_one_prompt_prints_the_stored_reply_and_nothing_else(server, run_client):
    server.scripts = [Script(content=REPLY)]
    done = await run_client("--url", server.url, "--model", "demo", "--prompt", "hello")
    assert (done.code, done.out, done.err) == (0, REPLY, "")


async def test_each_line_of_the_input_is_a_prompt_in_one_chat(server, run_client):
    server.scripts = [Script(content="one"), Script(content="two\n"), Script(content="three")]
    done = await run_client("--url", server.url, stdin="first\n\n  \nsecond\r\nth\u00efrd".encode())
    assert (done.code, done.out, done.err) == (0, "one\ntwo\nthree\n", "")
    assert len(server.chats) == 1
    messages = list(server.messages.values())
    assert [m.content for m in messages if m.role == "prompter"] == ["first", "second", "th\u00efrd"]
    assert [m.parent_id for m in messages] == [None, "m1", "m2", "m3", "m4", "m5"]


async def test_a_dash_takes_the_whole_input_as_one_prompt(server, run_client):
    done = await run_client("--url", server.url, "--prompt", "-", stdin=b"first\n/second\n")
    assert done.code == 0
    assert server.messages["m1"].content == "first\n/second"


async def test_a_reply_is_asked_for_with_the_chosen_model_preset_and_system_prompt(server, run_client):
    done = await run_client(
        *("--url", server.url, "--model", "other", "--preset", "calm", "--system", "Be brief.", "--prompt", "hi")
    )
    assert done.code == 0
    assert server.only_reply().parameters == {
        "model_config_name": "other",
        "sampling_parameters": {"temperature": 0.1, "max_new_tokens": 64},
        "system_prompt": "Be brief.",
    }


async def test_without_a_choice_demo_answers_with_its_first_preset(server, run_client):
    assert (await run_client("--url", server.url, "--prompt", "hi")).code == 0
    assert server.only_reply().parameters == {
        "model_config_name": "demo",
        "sampling_parameters": {"top_k": 50, "max_new_tokens": 1024},
    }


async def test_broken_connections_lose_and_double_nothing(server, run_client):
    server.scripts = [Script(content=REPLY * 20, chunk=7, cut_at=[0, 30, 31, 700, 1000], doubled=True)]
    done = await run_client("--url", server.url, "--prompt", "hi", "--stream")
    assert (done.code, done.out, done.err) == (0, REPLY * 20, "")
    assert server.event_requests[:2] == [None, None]
    assert all(cursor for cursor in server.event_requests[2:])
    assert len(server.event_requests) == 6


async def test_an_event_that_was_lost_is_fetched_again(server, run_client):
    server.scripts = [Script(content=REPLY, skip_at=20)]
    done = await run_client("--url", server.url, "--prompt", "hi", "--stream")
    assert (done.code, done.out) == (0, REPLY)
    assert server.event_requests == [None, "1.23"]


async def test_a_reply_goes_on_after_the_server_was_restarted(server, run_client):
    server.scripts = [Script(content=REPLY, hold_at=20)]
    client = asyncio.create_task(run_client("--url", server.url, "--prompt", "hi"))
    await server.until(lambda: server.has_sent("m2", 20))
    await server.stop()
    server.release(server.messages["m2"])
    await server.start()
    done = await client
    assert (done.code, done.out, done.err) == (0, REPLY, "")


async def test_a_restarted_reply_is_printed_once(server, run_client):
    server.scripts = [Script(content=REPLY, restart_at=15)]
    done = await run_client("--url", server.url, "--prompt", "hi")
    assert (done.code, done.out) == (0, REPLY)


async def test_a_restarted_reply_fails_where_its_text_is_written_already(server, run_client):
    server.scripts = [Script(content=REPLY, restart_at=15)]
    done = await run_client("--url", server.url, "--prompt", "hi", "--stream")
    assert done.code == 1
    assert done.out == REPLY.encode()[:18].decode()
    assert "started anew" in done.err


async def test_a_stored_reply_that_differs_from_the_stream_is_the_truth(server, run_client):
    server.scripts = [Script(content="half a wo", stored="half a word.")]
    assert (await run_client("--url", server.url, "--prompt", "hi", "--stream")).out == "half a word.\n"
    server.scripts = [Script(content="wrong", stored="right")]
    assert (await run_client("--url", server.url, "--prompt", "hi")).out == "right\n"


async def test_a_failed_reply_keeps_its_text_and_ends_the_script(server, run_client):
    server.scripts = [Script(content="So far", fail="the engine is gone")]
    done = await run_client("--url", server.url, stdin=b"one\ntwo\n")
    assert (done.code, done.out) == (1, "So far\n")
    assert done.err == "The reply failed: the engine is gone\n"
    assert len(server.messages) == 2


async def test_an_answer_lost_on_the_way_makes_nothing_twice(server, run_client):
    server.lose_answers = ["prompter_message"]
    done = await run_client("--url", server.url, "--prompt", "hi")
    assert done.code == 0
    assert len(server.messages) == 2
    assert server.requests.count("POST /chats/chat-1/prompter_message") == 2


async def test_a_busy_server_is_asked_again(server, run_client):
    server.scripts = [Script(refuse_events=[503, 500])]

    async def busy_after_login() -> None:
        await server.until(lambda: "GET /configs/model_configs" in server.requests)
        server.busy = [503]

    waiting = asyncio.create_task(busy_after_login())
    done = await run_client("--url", server.url, "--prompt", "hi")
    await waiting
    assert (done.code, done.out) == (0, "It is so.\n")


async def test_a_server_that_stays_away_is_given_up(server, run_client):
    server.scripts = [Script(refuse_events=[503] * 50)]
    done = await run_client("--url", server.url, "--prompt", "hi", "--patience", "0.5")
    assert (done.code, done.out, done.err) == (1, "", "Not now.\n")


async def test_no_worker_is_said_once(server, run_client):
    nobody = {"queue_position": 0, "queue_size": 1, "workers": 0, "estimate_s": None}
    server.scripts = [Script(pending=[nobody, nobody, {**nobody, "workers": 1}])]
    done = await run_client("--url", server.url, "--prompt", "hi")
    assert done.err == "No worker serves this model now; the reply comes as soon as one does.\n"
    assert done.out == "It is so.\n"


async def test_no_server_is_told_with_the_way_out(run_client, unused_tcp_port):
    done = await run_client("--url", f"http://127.0.0.1:{unused_tcp_port}", "--prompt", "hi")
    assert done.code == 1
    assert f"No server answers at http://127.0.0.1:{unused_tcp_port}" in done.err
    assert "make run" in done.err
    assert "Traceback" not in done.err


async def test_an_unknown_model_is_told_with_the_known_ones(server, run_client):
    done = await run_client("--url", server.url, "--model", "dmeo", "--prompt", "hi")
    assert done.code == 1
    assert done.err == "There is no model 'dmeo'. Did you mean demo? Known: _lorem, demo, other.\n"


async def test_an_unknown_preset_is_told_with_the_known_ones(server, run_client):
    done = await run_client("--url", server.url, "--preset", "wild", "--prompt", "hi")
    assert (done.code, done.err) == (1, "There is no preset 'wild'. Known: k50, calm.\n")


async def test_a_wrong_address_is_wrong_usage(run_client):
    done = await run_client("--url", "ftp://x", "--prompt", "hi")
    assert done.code == 2
    assert "'ftp://x' is no server address: write it like http://localhost:8000" in done.err


async def test_another_kind_of_server_is_recognised(server, run_client):
    done = await run_client("--url", f"{server.url}/elsewhere", "--prompt", "hi")
    assert done.code == 1
    assert "is this the address of a chat server?" in done.err


async def test_the_address_may_name_the_api(server, run_client):
    assert (await run_client("--url", f"{server.url}/api/", "--prompt", "hi")).code == 0


async def test_debug_login_uses_the_given_name(server, run_client):
    await run_client("--url", server.url, "--username", "Ada L.", "--prompt", "hi")
    assert server.logins == ["Ada L."]


async def test_a_server_without_debug_login_asks_for_a_token(server, run_client):
    server.debug_auth = False
    done = await run_client("--url", server.url, "--prompt", "hi")
    assert done.code == 1
    assert "Debug login is off." in done.err
    assert "--token" in done.err


async def test_a_token_is_used_instead_of_a_login(server, run_client):
    server.valid_tokens = {"secret"}
    done = await run_client("--url", server.url, "--prompt", "hi", env={"OASST_TOKEN": "secret"})
    assert (done.code, server.logins) == (0, [])
    done = await run_client("--url", server.url, "--prompt", "hi", "--token", "expired")
    assert done.code == 1
    assert "The server does not take this token" in done.err


async def test_an_expired_token_is_renewed_in_mid_chat(server, run_client):
    server.scripts = [Script(), Script(cut_at=[4])]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "chats.text_client", "--url", server.url),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"one\n")
    assert await process.stdout.readline() == b"It is so.\n"
    server.valid_tokens.clear()
    process.stdin.write(b"two\n")
    assert await process.stdout.readline() == b"It is so.\n"
    assert (len(server.logins), "GET /auth/refresh" in server.requests) == (1, True)
    server.valid_tokens.clear()
    server.good_refresh = False
    process.stdin.write(b"three\n")
    assert await process.stdout.readline() == b"It is so.\n"
    assert len(server.logins) == 2
    process.stdin.close()
    assert await process.wait() == 0


async def test_ctrl_c_cancels_the_reply_on_the_server(server):
    server.scripts = [Script(content="0123456789", hold_at=5)]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "chats.text_client", "--url", server.url, "--prompt", "hi"),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    await server.until(lambda: server.has_sent("m2", 5))
    process.send_signal(signal.SIGINT)
    out, err = await asyncio.wait_for(process.communicate(), 60)
    assert (process.returncode, out, err) == (130, b"01234567\n", b"(Stopped.)\n")
    assert server.messages["m2"].state == "cancelled"


async def test_ctrl_c_while_waiting_for_input_leaves_at_once(server):
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "chats.text_client", "--url", server.url),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    await server.until(lambda: "GET /configs/model_configs" in server.requests)
    await asyncio.sleep(0.2)  # nothing tells when a process has begun to read its input
    process.send_signal(signal.SIGINT)
    _, err = await asyncio.wait_for(process.communicate(), 60)
    assert (process.returncode, err) == (130, b"")


async def test_a_reader_that_has_enough_is_no_error(server):
    server.scripts = [Script(content="x\n" * 100_000, chunk=10_000)]
    reader, writer = os.pipe()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "chats.text_client", "--url", server.url, "--prompt", "hi", "--stream"),
        cwd=ROOT,
        stdout=writer,
        stderr=asyncio.subprocess.PIPE,
    )
    os.close(writer)
    os.close(reader)
    _, err = await asyncio.wait_for(process.communicate(), 60)
    assert (process.returncode, err) == (141, b"")


async def test_input_that_is_not_utf_8_is_told_with_its_line(server, run_client):
    done = await run_client("--url", server.url, stdin=b"fine\nna\xefve\n")
    assert done.code == 1
    assert done.out == "It is so.\n"
    assert done.err == "Line 2 of the input is not UTF-8 (byte 3 of it): convert it first.\n"


async def test_the_client_loads_neither_django_nor_the_toolkit_for_people(run_client):
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "import sys, chats.text_client.__main__; print(*sys.modules)"),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    packages = {name.split(".")[0] for name in out.decode().split()}
    assert not packages & {"django", "celery", "channels", "prompt_toolkit", "oasst_site"}
