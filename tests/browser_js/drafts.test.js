import assert from "node:assert/strict";
import { test } from "node:test";

import { collapsed, draftsOf } from "../../chats/page/static/chat/drafts.js";
import { initialState, reduce } from "../../chats/page/static/chat/reducer.js";
import { isSameRow, runningReplies, threadRows } from "../../chats/page/static/chat/thread_rows.js";
import { byId, prompt, reply } from "./messages.js";

const group = { draft_group: "g" };
const ids = (messages) => messages.map(({ id }) => id);
const withMessages = (...messages) => ({ ...initialState, messages: byId(...messages), connection: { status: "open" } });

test("replies of one group stand side by side until one is chosen or the chat has gone on", () => {
  const drafts = [reply("a", "p", group), reply("b", "p", group)];
  const open = byId(prompt("p", null), ...drafts);
  assert.deepEqual(ids(draftsOf(open, open.b)), ["a", "b"]);
  assert.deepEqual(draftsOf(open, open.p), []);
  const gone = { ...open, q: prompt("q", "a") };
  assert.deepEqual(draftsOf(gone, gone.a), []);
  const chosen = byId(prompt("p", null), reply("a", "p"), reply("b", "p"));
  assert.deepEqual(draftsOf(chosen, chosen.a), []);
});

test("drafts are one row, in which each has its stream, and one place among the branches", () => {
  const state = withMessages(prompt("p", null), reply("old", "p"), reply("a", "p", group), reply("b", "p", { ...group, state: "pending" }));
  const [, row] = threadRows({ ...state, choices: { p: "a" }, streams: { b: { text: "so far" } } });
  assert.deepEqual([row.kind, row.key, row.message.id], ["drafts", "g", "a"]);
  assert.deepEqual([row.siblings, row.index], [["old", "a"], 1]);
  assert.deepEqual(row.drafts.map(({ message, stream }) => [message.id, stream?.text]), [["a", undefined], ["b", "so far"]]);
  const [, other] = threadRows({ ...state, choices: { p: "old" } });
  assert.deepEqual([other.kind, other.siblings, other.index], ["reply", ["old", "a"], 0]);
});

test("what runs is every draft that is shown, and nothing behind the arrows", () => {
  const state = withMessages(prompt("p", null), reply("a", "p", { ...group, state: "in_progress" }), reply("b", "p", { ...group, state: "pending" }), reply("c", "p"));
  assert.deepEqual(ids(runningReplies({ ...state, choices: { p: "a" } })), ["a", "b"]);
  assert.deepEqual(runningReplies({ ...state, choices: { p: "c" } }), []);
  assert.deepEqual(runningReplies(initialState), []);
});

test("a row of drafts is drawn anew when one of them grows", () => {
  const state = withMessages(prompt("p", null), reply("a", "p", group), reply("b", "p", group));
  const [, before] = threadRows(state);
  const [, same] = threadRows({ ...state, notice: "other" });
  const [, grown] = threadRows({ ...state, streams: { b: { text: "more" } } });
  assert.deepEqual([isSameRow(before, same), isSameRow(before, grown)], [true, false]);
});

test("siblings without drafts are left as they are", () => {
  const messages = byId(prompt("p", null), reply("a", "p"), reply("b", "p"));
  assert.deepEqual(collapsed(messages, ["a", "b"], "b"), ["a", "b"]);
});

test("a choice that the server refuses is to be made again", () => {
  const state = withMessages(prompt("p", null), reply("a", "p", group), reply("b", "p", group));
  const chosen = reduce(state, { event_type: "drafts_grouped", ids: ["a", "b", "gone"], draft_group: null });
  assert.deepEqual(draftsOf(chosen.messages, chosen.messages.a), []);
  const again = reduce(chosen, { event_type: "drafts_grouped", ids: ["a", "b"], draft_group: "g" });
  assert.deepEqual(ids(draftsOf(again.messages, again.messages.a)), ["a", "b"]);
});

test("the first of several drafts is the one that the chat would go on from", () => {
  const item = { ref: "1", kind: "regenerate", parent_id: "p", content: null, drafts: 2, options: {} };
  const made = (message) => ({ event_type: "message_created", ref: "1", message });
  const state = [
    { event_type: "outbox_added", item },
    made(reply("a", "p", { ...group, state: "pending" })),
    made(reply("b", "p", { ...group, state: "pending" })),
  ].reduce(reduce, withMessages(prompt("p", null)));
  assert.equal(threadRows(state).at(-1).message.id, "a");
  assert.deepEqual(state.outbox, []);
});

test("a choice made in another window is followed, and whoever looks at another branch is left in peace", () => {
  const state = { ...withMessages(prompt("p", null), reply("old", "p"), reply("a", "p", group), reply("b", "p", group)), chat: { id: "chat" } };
  const told = { event_type: "chat", chat: { id: "chat", active_thread_tail_message_id: "b" } };
  assert.equal(threadRows(reduce({ ...state, choices: { p: "a" } }, told)).at(-1).message.id, "b");
  assert.equal(threadRows(reduce({ ...state, choices: { p: "old" } }, told)).at(-1).message.id, "old");
});
