"""The client as a person meets it: a real pseudo-terminal, read through a terminal emulator."""

import asyncio
import signal
import socket

from tests.chats.text_client.terminal import COLUMNS, Terminal
from tests.chats.text_client.wire_server import Script, running_server

CTRL_C, CTRL_D, ALT_ENTER = "\x03", "\x04", "\x1b\r"


async def test_a_prompt_gets_its_reply_and_the_next_prompt_follows_it(server, open_terminal):
    server.scripts = [Script(content="First reply."), Script(content="Second reply.")]
    terminal = await open_terminal()
    terminal.type("hello\r")
    await terminal.until(lambda: terminal.lines[-3:] == ["> hello", "First reply.", ">"])
    terminal.type("and more\r")
    await terminal.until(lambda: terminal.lines[-3:] == ["> and more", "Second reply.", ">"])
    assert server.messages["m3"].parent_id == "m2"
    terminal.type("/quit\r")
    assert await terminal.ended() == 0


async def test_the_reply_is_seen_while_it_is_written(server, open_terminal):
    server.scripts = [Script(content="The beginning and the end.", hold_at=13)]
    terminal = await open_terminal()
    terminal.type("hi\r")
    await terminal.until("The beginning")
    assert "end." not in terminal.text
    server.release(server.messages["m2"])
    await terminal.until("The beginning and the end.")


async def test_ctrl_c_stops_the_reply_and_a_second_one_leaves(server, open_terminal):
    server.scripts = [Script(content="0123456789", hold_at=8)]
    terminal = await open_terminal()
    terminal.type("hi\r")
    await terminal.until("01234567")
    terminal.type(CTRL_C)
    await terminal.until(lambda: terminal.lines[-3:] == ["01234567", "(Stopped.)", ">"])
    assert server.messages["m2"].state == "cancelled"
    terminal.type(CTRL_C)
    assert await terminal.ended() == 0


async def test_a_prompt_may_follow_a_stopped_reply(server, open_terminal):
    server.scripts = [Script(content="0123456789", hold_at=8), Script(content="Fine.")]
    terminal = await open_terminal()
    terminal.type("hi\r")
    await terminal.until("01234567")
    terminal.type(CTRL_C)
    await terminal.until("(Stopped.)")
    terminal.type("go on\r")
    await terminal.until("Fine.")
    assert server.messages["m3"].parent_id == "m2"


async def test_ctrl_c_twice_leaves_even_when_the_server_does_not_answer(server, open_terminal):
    server.scripts = [Script(content="0123456789", hold_at=8)]
    terminal = await open_terminal()
    terminal.type("hi\r")
    await terminal.until("01234567")
    await server.stop()
    await terminal.until("trying again")
    terminal.type(CTRL_C)
    await terminal.until("Stopping the reply")
    terminal.type(CTRL_C)
    assert await terminal.ended() == 130


async def test_a_lost_connection_is_told_and_leaves_no_trace(server, open_terminal):
    server.scripts = [Script(content="It was in the middle of a line that it broke.", hold_at=24)]
    terminal = await open_terminal()
    terminal.type("hi\r")
    await terminal.until("It was in the middle of")
    await server.stop()
    await terminal.until("Connection lost; trying again. Ctrl-C stops.")
    server.release(server.messages["m2"])
    await server.start()
    await terminal.until(lambda: terminal.lines[-3:] == ["> hi", "It was in the middle of a line that it broke.", ">"])


async def test_a_line_that_ends_at_the_edge_goes_on_below_it(server, open_terminal):
    content = "x" * COLUMNS + "yz"
    server.scripts = [Script(content=content, hold_at=COLUMNS)]
    terminal = await open_terminal()
    terminal.type("hi\r")
    await terminal.until("x" * COLUMNS)
    await server.stop()
    await terminal.until("Connection lost")
    server.release(server.messages["m2"])
    await server.start()
    await terminal.until(lambda: terminal.lines[-3:] == ["x" * COLUMNS, "yz", ">"])


async def test_the_place_in_the_queue_is_shown_and_taken_away(server, open_terminal):
    pending = [{"queue_position": p, "queue_size": 3, "workers": 1, "estimate_s": 4.0 * p} for p in (2, 1)]
    server.scripts = [Script(content="Now.", pending=pending, hold_at=0)]
    terminal = await open_terminal()
    terminal.type("hi\r")
    await terminal.until("Waiting: 1 before this one in the queue, about 4 s")
    assert "Waiting: 2 before this one in the queue, about 8 s" in terminal.raw.decode()
    server.release(server.messages["m2"])
    await terminal.until(lambda: terminal.lines[-3:] == ["> hi", "Now.", ">"])


async def test_a_reply_that_starts_anew_says_so(server, open_terminal):
    server.scripts = [Script(content="From the top.", restart_at=8)]
    terminal = await open_terminal()
    terminal.type("hi\r")
    await terminal.until("From the top.")
    await terminal.until(lambda: terminal.lines[-1] == ">")
    position = terminal.lines.index("From the")
    assert terminal.lines[position + 1].startswith("The reply starts anew")


async def test_a_failed_reply_tells_its_reason_and_can_be_written_again(server, open_terminal):
    server.scripts = [Script(content="So f", fail="the engine is gone"), Script(content="So far so good.")]
    terminal = await open_terminal()
    terminal.type("hi\r")
    await terminal.until("The reply failed: the engine is gone")
    await terminal.until("/regenerate tries again.")
    terminal.type("/regenerate\r")
    await terminal.until("So far so good.")
    assert server.messages["m3"].parent_id == "m1"


async def test_a_model_cannot_steer_the_terminal(server, open_terminal):
    server.scripts = [Script(content="a\x1b[2Jb\x07\x9b31mc\r\nd")]
    terminal = await open_terminal()
    terminal.type("hi\r")
    await terminal.until("\u241b[2Jb\u2407\ufffd31mc")
    await terminal.until(lambda: terminal.lines[-3:] == ["a\u241b[2Jb\u2407\ufffd31mc", "d", ">"])


async def test_markdown_is_coloured_and_complete(server, open_terminal):
    server.scripts = [Script(content="# Title\n\nA **bold** word, `code`.\n\n```py\nx = 1\n```\nplain", chunk=1)]
    terminal = await open_terminal()
    terminal.type("hi\r")
    await terminal.until(lambda: terminal.lines[-2:] == ["plain", ">"])
    assert terminal.lines[-9:-1] == ["# Title", "", "A **bold** word, `code`.", "", "```py", "x = 1", "```", "plain"]
    assert terminal.style("Title").bold
    assert terminal.style("bold").bold
    assert not terminal.style("word").bold
    assert terminal.style("code").fg == terminal.style("x = 1").fg == "cyan"
    assert terminal.style("plain").fg == "default"


async def test_without_colours_nothing_is_coloured(server, open_terminal):
    server.scripts = [Script(content="**bold** `code`")]
    terminal = await open_terminal(env={"NO_COLOR": "1"})
    terminal.type("hi\r")
    await terminal.until("**bold** `code`")
    assert terminal.style("code").fg == "default"


async def test_keys_typed_during_a_reply_wait_for_the_next_prompt(server, open_terminal):
    server.scripts = [Script(content="0123456789", hold_at=8)]
    terminal = await open_terminal()
    terminal.type("hi\r")
    await terminal.until("01234567")
    terminal.type("next")
    server.release(server.messages["m2"])
    await terminal.until(lambda: terminal.lines[-2:] == ["0123456789", "> next"])


async def test_alt_enter_makes_a_new_line_and_pasted_lines_stay_together(server, open_terminal):
    terminal = await open_terminal()
    terminal.type(f"one{ALT_ENTER}two")
    terminal.type("\x1b[200~\nthree\nfour\x1b[201~")
    await terminal.until("four")
    terminal.type("\r")
    await terminal.until("It is so.")
    assert server.messages["m1"].content == "one\ntwo\nthree\nfour"


async def test_models_and_presets_are_listed_and_switched(server, open_terminal):
    terminal = await open_terminal()
    terminal.type("/model\r")
    await terminal.until("* demo    About demo")
    terminal.type("/model other\r")
    await terminal.until("other answers from now on.")
    terminal.type("/preset calm\r")
    await terminal.until("Preset calm from now on.")
    terminal.type("/preset\r")
    await terminal.until("* calm  Unsurprising")
    await terminal.until("        temperature 0.1, max_new_tokens 64")
    terminal.type("/model nobody\r")
    await terminal.until("There is no model 'nobody'.")
    terminal.type("hi\r")
    await terminal.until("It is so.")
    assert server.only_reply().parameters == {
        "model_config_name": "other",
        "sampling_parameters": {"temperature": 0.1, "max_new_tokens": 64},
    }


async def test_new_begins_another_chat_and_open_goes_back(server, open_terminal):
    server.scripts = [Script(content="Reply one."), Script(content="Reply two."), Script(content="Reply three.")]
    terminal = await open_terminal()
    terminal.type("first chat\r")
    await terminal.until("Reply one.")
    terminal.type("/new\r")
    await terminal.until("A new chat begins")
    terminal.type("second chat\r")
    await terminal.until("Reply two.")
    assert server.messages["m3"].parent_id is None
    terminal.type("/chats\r")
    await terminal.until(lambda: any("*1" in line and "second chat" in line for line in terminal.lines))
    terminal.type("/open 2\r")
    await terminal.until(lambda: terminal.text.count("Reply one.") == 2)
    terminal.type("go on\r")
    await terminal.until("Reply three.")
    assert (server.messages["m5"].chat_id, server.messages["m5"].parent_id) == ("chat-1", "m2")


async def test_open_takes_up_a_reply_that_is_still_written(server, open_terminal):
    server.scripts = [Script(content="0123456789", hold_at=8)]
    first = await open_terminal()
    first.type("count\r")
    await first.until("01234567")
    second = await open_terminal()
    second.type("/open chat-1\r")
    await second.until(lambda: second.lines[-2:] == ["> count", "01234567"])
    server.release(server.messages["m2"])
    await second.until("0123456789")
    await first.until("0123456789")


async def test_a_wrong_command_is_told_and_two_slashes_are_a_prompt(server, open_terminal):
    terminal = await open_terminal()
    terminal.type("/hlep\r")
    await terminal.until("There is no command /hlep.")
    terminal.type("/open 3\r")
    await terminal.until("There is no chat number 3: run /chats first.")
    terminal.type("/help\r")
    await terminal.until("stop the reply that is being written")
    terminal.type("//etc is a folder\r")
    await terminal.until("It is so.")
    assert server.messages["m1"].content == "/etc is a folder"


async def test_ctrl_c_at_an_empty_prompt_asks_once_and_ctrl_d_leaves(server, open_terminal):
    terminal = await open_terminal()
    terminal.type(CTRL_C)
    await terminal.until("Ctrl-C again, Ctrl-D or /quit leaves.")
    terminal.type("hi\r")
    await terminal.until(lambda: terminal.lines[-2:] == ["It is so.", ">"])
    terminal.type(CTRL_C)
    # With the next prompt: before it the terminal itself would take Ctrl-D, for the end of a line that nobody reads.
    await terminal.until(lambda: terminal.lines[-2:] == ["Ctrl-C again, Ctrl-D or /quit leaves.", ">"])
    terminal.type(CTRL_D)
    assert await terminal.ended() == 0


async def test_a_server_that_is_away_while_a_prompt_is_sent_is_waited_for(server, open_terminal):
    terminal = await open_terminal()
    await server.stop()
    terminal.type("hi\r")
    await terminal.until("trying again")
    await server.start()
    await terminal.until(lambda: terminal.lines[-3:] == ["> hi", "It is so.", ">"])


async def test_ctrl_c_while_a_prompt_is_sent_goes_back_to_the_prompt(server, open_terminal):
    terminal = await open_terminal()
    await server.stop()
    terminal.type("hi\r")
    await terminal.until("trying again")
    terminal.type(CTRL_C)
    await terminal.until(lambda: terminal.lines[-2:] == ["Stopped before the server took the prompt.", ">"])
    await server.start()
    terminal.type("hi again\r")
    await terminal.until("It is so.")


async def test_a_window_that_is_closed_ends_the_client(open_terminal):
    terminal = await open_terminal()
    terminal.process.send_signal(signal.SIGHUP)
    assert await terminal.ended() == -signal.SIGHUP


async def test_no_server_is_told_before_the_first_prompt(unused_tcp_port):
    terminal = await Terminal.open("--url", f"http://127.0.0.1:{unused_tcp_port}")
    try:
        assert await terminal.ended() == 1
        await terminal.until(lambda: terminal.lines[0].startswith("No server answers at http://127.0.0.1:"))
    finally:
        await terminal.close()


async def test_two_servers_at_once_do_not_mix(server, open_terminal):
    async with running_server() as other:
        other.scripts = [Script(content="From the other.")]
        terminal = await open_terminal()
        second = await Terminal.open("--url", other.url)
        try:
            await second.until(lambda: second.lines[-1] == ">")
            second.type("hi\r")
            terminal.type("hi\r")
            await asyncio.gather(terminal.until("It is so."), second.until("From the other."))
        finally:
            await second.close()


async def test_ctrl_c_stops_a_command_that_waits_for_the_server(server, open_terminal):
    terminal = await open_terminal()
    await server.stop()
    terminal.type("/chats\r")
    await terminal.until("trying again")
    terminal.type(CTRL_C)
    await terminal.until(lambda: terminal.lines[-2:] == ["> /chats", ">"])
    await server.start()
    terminal.type("/chats\r")
    await terminal.until("You have no chats yet.")


async def test_a_silence_in_a_reply_is_told_and_leaves_no_trace(server, open_terminal):
    server.scripts = [Script(content="It was in the middle of a line that it paused.", hold_at=24)]
    terminal = await open_terminal()
    terminal.type("hi\r")
    await terminal.until("Waiting for the next words. Ctrl-C stops the reply.")
    server.release(server.messages["m2"])
    await terminal.until(lambda: terminal.lines[-3:] == ["> hi", "It was in the middle of a line that it paused.", ">"])


async def test_a_server_that_takes_the_connection_and_does_not_answer_is_named():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        terminal = await Terminal.open("--url", url)
        try:
            await terminal.until(f"Waiting for an answer of {url}")
        finally:
            await terminal.close()
