import assert from "node:assert/strict";
import { test } from "node:test";

import { initialState, reduce } from "../../chats/page/static/chat/reducer.js";
import { activePath } from "../../chats/page/static/chat/tree.js";
import { threadRows } from "../../chats/page/static/chat/thread_rows.js";
import { prompt, reply } from "./messages.js";

const after = (state, ...events) => events.reduce(reduce, state);
const loaded = (...messages) =>
  after(
    initialState,
    { event_type: "chat_opening", chat_id: "chat" },
    { event_type: "chat_loaded", chat: { id: "chat", title: null, messages } },
    { event_type: "connection_changed", status: "open" },
  );
const token = (id, offset, text, epoch = 1) => {
  const end = offset + Buffer.byteLength(text);
  return { event_type: "token", message_id: id, cursor: `${epoch}.${end}`, offset, end, text };
};
const shown = (state) => activePath(state.messages, state.choices).map(({ id }) => id);
const running = () => loaded(prompt("p", null), reply("r", "p", { state: "pending", content: null }));

test("tokens grow a reply's text and end its waiting", () => {
  const pending = { event_type: "pending", message_id: "r", queue_position: 1, queue_size: 2, workers: 1, estimate_s: 8 };
  const state = after(running(), pending, token("r", 0, "Hé"), token("r", 3, "llo"));
  assert.equal(state.streams.r.text, "Héllo");
  assert.equal(state.streams.r.end, 6);
  assert.equal(state.streams.r.cursor, "1.6");
  assert.equal(state.streams.r.pending, null);
  assert.equal(state.messages.r.state, "in_progress");
});

test("a token that has been shown already is not shown twice", () => {
  const state = after(running(), token("r", 0, "abc"), token("r", 0, "abc"), token("r", 3, "d"));
  assert.equal(state.streams.r.text, "abcd");
});

test("a reasoning model's thoughts stand apart from its text", () => {
  const thinking = { ...token("r", 0, ""), thoughts: "Hm. ", end: 11, cursor: "1.11" };
  const both = { ...token("r", 11, "Yes"), thoughts: "So.", end: 30, cursor: "1.30" };
  const { streams } = after(running(), thinking, both, { ...both });
  assert.deepEqual([streams.r.thoughts, streams.r.text, streams.r.end], ["Hm. So.", "Yes", 30]);
});

test("a restart empties the text, and the next token begins it anew", () => {
  const restart = { event_type: "restart", message_id: "r", cursor: "2.0" };
  const state = after(running(), token("r", 0, "old words"), restart, token("r", 0, "new", 2));
  assert.equal(state.streams.r.text, "new");
  assert.equal(state.streams.r.cursor, "2.3");
});

test("the final message replaces the stream, and a late token changes nothing", () => {
  const message = reply("r", "p", { content: "abc." });
  const final = { event_type: "message", message_id: "r", message, cursor: "1.4" };
  const state = after(running(), token("r", 0, "abc"), final);
  assert.equal(state.messages.r.content, "abc.");
  assert.deepEqual(state.streams, {});
  assert.equal(reduce(state, token("r", 3, ".")), state);
});

test("a reply that fails keeps its text and says why", () => {
  const message = reply("r", "p", { state: "aborted_by_worker", content: "half", error: "engine gone" });
  const state = after(running(), { event_type: "error", message_id: "r", error: "engine gone", message });
  assert.equal(state.messages.r.state, "aborted_by_worker");
  assert.deepEqual(state.streams, {});
  assert.equal(state.notice, null);
});

test("a refused command marks its own entry of the outbox", () => {
  const item = { ref: "1", kind: "prompt", parent_id: null, content: "hi", options: {} };
  const state = after(
    loaded(),
    { event_type: "outbox_added", item },
    { event_type: "error", error: "too long", code: 413, ref: "1", message: null },
  );
  assert.equal(state.outbox[0].status, "failed");
  assert.deepEqual(state.outbox[0].error, { text: "too long", code: 413 });
  const options = { model_config_name: "other" };
  const again = after(state, { event_type: "outbox_retried", ref: "1", options }).outbox[0];
  assert.deepEqual([again.status, again.error, again.options], ["sending", null, options]);
});

test("an error that answers nothing of ours becomes a notice", () => {
  const state = after(loaded(), { event_type: "error", error: "type is missing", code: 400, ref: null, message: null });
  assert.equal(state.notice.text, "type is missing");
});

test("a prompt of ours and its reply replace what was on its way, at the moment they exist", () => {
  const first = loaded(prompt("p", null), reply("r", "p"));
  const item = { ref: "1", kind: "prompt", parent_id: "r", content: "more", options: {} };
  const sent = after(first, { event_type: "outbox_added", item });
  assert.deepEqual(threadRows(sent).map(({ kind }) => kind), ["prompt", "reply", "outgoing", "asked"]);
  const made = after(sent, { event_type: "message_created", ref: "1", message: prompt("p2", "r", { content: "more" }) });
  assert.deepEqual(threadRows(made).map(({ kind }) => kind), ["prompt", "reply", "prompt", "asked"]);
  const state = after(made, { event_type: "message_created", ref: "1", message: reply("r2", "p2", { state: "pending" }) });
  assert.deepEqual(state.outbox, []);
  assert.deepEqual(threadRows(state).map(({ key }) => key), ["p", "r", "p2", "r2"]);
});

test("an edit hides the old branch while it is on its way and shows the new one once it is made", () => {
  const first = loaded(prompt("p", null), reply("r", "p"), prompt("q", "r"), reply("s", "q"));
  const item = { ref: "1", kind: "prompt", parent_id: "r", content: "other", options: {} };
  const sent = after(first, { event_type: "outbox_added", item });
  assert.deepEqual(threadRows(sent).map(({ key }) => key), ["p", "r", "1", "asked 1"]);
  const made = after(sent, { event_type: "message_created", ref: "1", message: prompt("q2", "r") });
  assert.deepEqual(shown(made), ["p", "r", "q2"]);
  assert.deepEqual(shown(after(made, { event_type: "branch_chosen", message_id: "q" })), ["p", "r", "q", "s"]);
});

test("a reply made again in this window is shown; one made elsewhere waits behind the arrows", () => {
  const first = after(loaded(prompt("p", null), reply("r", "p")), { event_type: "branch_chosen", message_id: "r" });
  const item = { ref: "1", kind: "regenerate", parent_id: "p", content: null, options: {} };
  const made = { event_type: "message_created", message: reply("r2", "p", { state: "pending" }) };
  const ours = after(first, { event_type: "outbox_added", item }, { ...made, ref: "1" });
  const theirs = after(first, { ...made, ref: null });
  assert.deepEqual(shown(ours), ["p", "r2"]);
  assert.deepEqual(shown(theirs), ["p", "r"]);
});

test("a prompt made in another window goes on with the shown path", () => {
  const state = after(loaded(prompt("p", null), reply("r", "p")), { event_type: "message_created", ref: null, message: prompt("q", "r") });
  assert.deepEqual(shown(state), ["p", "r", "q"]);
});

test("a chat is opened on the branch that was last looked at", () => {
  const messages = [prompt("p", null), reply("r", "p"), reply("r2", "p")];
  const chat = { id: "chat", title: "t", active_thread_tail_message_id: "r", messages };
  const state = after(initialState, { event_type: "chat_opening", chat_id: "chat" }, { event_type: "chat_loaded", chat });
  assert.deepEqual(shown(state), ["p", "r"]);
});

test("a reconnect keeps the branch, the text that streams on, and what waits to be sent", () => {
  const streaming = after(running(), token("r", 0, "abc"), { event_type: "connection_changed", status: "lost" });
  const item = { ref: "1", kind: "prompt", parent_id: null, content: "hi", options: {} };
  const waiting = after(streaming, { event_type: "outbox_added", item });
  const messages = [prompt("p", null), reply("r", "p", { state: "in_progress", content: null })];
  const state = after(waiting, { event_type: "chat_loaded", chat: { id: "chat", title: null, messages } });
  assert.equal(state.streams.r.text, "abc");
  assert.equal(state.streams.r.cursor, "1.3");
  assert.equal(state.outbox.length, 1);
});

test("a reply that ended while the connection was lost is read from the chat", () => {
  const streaming = after(running(), token("r", 0, "abc"));
  const messages = [prompt("p", null), reply("r", "p", { content: "abcdef" })];
  const state = after(streaming, { event_type: "chat_loaded", chat: { id: "chat", title: null, messages } });
  assert.deepEqual(state.streams, {});
  assert.equal(state.messages.r.content, "abcdef");
});

test("a new chat is named after its first prompt", () => {
  const chat = { id: "chat", title: null, created_at: "2026-01-01T00:00:00Z" };
  const state = after(
    initialState,
    { event_type: "chat_added", chat },
    { event_type: "chat_opening", chat_id: "chat", keep_outbox: true },
    { event_type: "chat_loaded", chat: { ...chat, messages: [] } },
    { event_type: "message_created", ref: null, message: prompt("p", null, { content: "  What\n is  it? " }) },
  );
  assert.equal(state.chat.title, "What is it?");
  assert.equal(state.chats.items[0].title, "What is it?");
});

test("pages of the list are merged, newest first, each chat once", () => {
  const chat = (id, day) => ({ id, created_at: `2026-01-0${day}T00:00:00Z` });
  const state = after(
    initialState,
    { event_type: "chats_page", chats: [chat("c", 3), chat("b", 2)], next: "cursor" },
    { event_type: "chat_added", chat: chat("d", 4) },
    { event_type: "chats_page", chats: [chat("b", 2), chat("a", 1)], next: null },
  );
  assert.deepEqual(state.chats.items.map(({ id }) => id), ["d", "c", "b", "a"]);
  const without = after(state, { event_type: "chat_removed", chat_id: "c" });
  assert.deepEqual(after(without, { event_type: "chat_added", chat: chat("c", 3) }).chats.items, state.chats.items);
});

test("a prompt that has no reply at all offers to ask for one, once the connection stands", () => {
  const state = loaded(prompt("p", null));
  assert.deepEqual(threadRows(state).map(({ kind }) => kind), ["prompt", "unanswered"]);
  const lost = after(state, { event_type: "connection_changed", status: "lost" });
  assert.deepEqual(threadRows(lost).map(({ kind }) => kind), ["prompt"]);
});

test("opening another chat forgets what was streamed and sent in the one before", () => {
  const state = after(running(), token("r", 0, "abc"), { event_type: "chat_opening", chat_id: "other" });
  assert.deepEqual([state.messages, state.streams, state.outbox, state.phase], [{}, {}, [], "loading"]);
});

test("a message that is sought is shown on its branch, at once or when its chat is opened", () => {
  const messages = [prompt("p", null), reply("r", "p"), prompt("q", "r"), reply("r2", "p")];
  const sought = { event_type: "message_sought", message_id: "q" };
  const open = after(loaded(...messages), { event_type: "branch_chosen", message_id: "r2" });
  assert.deepEqual(shown(open), ["p", "r2"]);
  assert.deepEqual(shown(after(open, sought)), ["p", "r", "q"]);
  const chat = { id: "chat", title: "t", active_thread_tail_message_id: "r2", messages };
  const opened = after(initialState, { event_type: "chat_opening", chat_id: "chat" }, sought, { event_type: "chat_loaded", chat });
  assert.deepEqual([shown(opened), opened.sought], [["p", "r", "q"], "q"]);
  assert.equal(after(opened, { event_type: "message_found" }).sought, null);
});

test("the end of a reply takes back nothing that was said of it meanwhile", () => {
  const drafts = loaded(prompt("p", null), reply("r", "p", { state: "pending", content: null, draft_group: "g" }));
  const feedback = { event_type: "feedback", message_id: "r", score: 1, reports: [{ id: "1" }], draft_group: null };
  const late = reply("r", "p", { state: "cancelled", content: "abc", draft_group: "g", score: 0, reports: [] });
  const { r } = after(drafts, feedback, { event_type: "message", message_id: "r", message: late }).messages;
  assert.deepEqual([r.state, r.content, r.score, r.reports.length, r.draft_group], ["cancelled", "abc", 1, 1, null]);
});
