import assert from "node:assert/strict";
import { test } from "node:test";

import { fromFirstHit } from "../../chats/page/static/chat/passages.js";
import { initialState, reduce } from "../../chats/page/static/chat/reducer.js";

const after = (state, ...events) => events.reduce(reduce, state);
const chat = (id, day, fields = {}) => ({ id, created_at: `2026-01-${String(day).padStart(2, "0")}T00:00:00Z`, title: id, hidden: false, ...fields });
const page = (next, ...chats) => ({ event_type: "chats_page", chats, next });
const ids = (state) => state.chats.items.map(({ id }) => id);
const told = (one) => ({ event_type: "chat", chat: one });

test("a chat made elsewhere comes to the top, and a change of it is shown in its place", () => {
  const state = after(initialState, page(null, chat("b", 2), chat("a", 1)), told(chat("c", 3)), told(chat("b", 2, { title: "new" })));
  assert.deepEqual(ids(state), ["c", "b", "a"]);
  assert.equal(state.chats.items[1].title, "new");
});

test("a chat of a page that was not read yet comes with its page", () => {
  const state = after(initialState, page("more", chat("c", 3), chat("b", 2)), told(chat("a", 1)));
  assert.deepEqual(ids(state), ["c", "b"]);
  assert.deepEqual(ids(after(state, page(null, chat("a", 1)))), ["c", "b", "a"]);
});

test("a part of a chat that is not in the list changes nothing", () => {
  const state = after(initialState, page(null, chat("a", 1)));
  assert.deepEqual(ids(after(state, told({ id: "x", title: "t" }))), ["a"]);
});

test("hiding takes a chat out of the list, showing it again brings it back", () => {
  const state = after(initialState, page(null, chat("b", 2), chat("a", 1)), told(chat("b", 2, { hidden: true })));
  assert.deepEqual(ids(state), ["a"]);
  assert.deepEqual(ids(after(state, told(chat("b", 2)))), ["b", "a"]);
});

test("the list of the hidden ones holds those and no others", () => {
  const hidden = after(initialState, page(null, chat("a", 1)), { event_type: "chats_switched", hidden: true });
  assert.deepEqual([ids(hidden), hidden.chats.status], [[], "loading"]);
  const late = after(hidden, page(null, chat("a", 1)));
  assert.equal(late, hidden, "a page of the other list came late");
  const state = after(hidden, { ...page(null, chat("h", 2, { hidden: true })), hidden: true }, told(chat("c", 3)));
  assert.deepEqual(ids(state), ["h"]);
  assert.deepEqual(ids(after(state, told(chat("h", 2)))), []);
});

test("a chat that is being deleted stays out of the list whatever is heard of it, until it is had back", () => {
  const removed = after(initialState, page(null, chat("a", 1)), { event_type: "chat_removed", chat_id: "a" });
  const heard = after(removed, told(chat("a", 1, { title: "late title" })), page(null, chat("a", 1)));
  assert.deepEqual(ids(heard), []);
  const back = after(heard, { event_type: "chat_added", chat: chat("a", 1) });
  assert.deepEqual(ids(after(back, told(chat("a", 1)))), ["a"]);
});

test("a chat deleted elsewhere goes; another list is left as it is", () => {
  const state = after(initialState, page(null, chat("a", 1)));
  assert.deepEqual(ids(after(state, { event_type: "chat_deleted", chat_id: "a" })), []);
  assert.equal(after(state, { event_type: "chat_deleted", chat_id: "x" }).chats, state.chats);
});

test("after a time without connection the newest page replaces what it covers, and older chats stay", () => {
  const state = after(initialState, page("second", chat("d", 4), chat("c", 3)), page("third", chat("b", 2), chat("a", 1)));
  const refresh = { event_type: "chats_refreshed", chats: [chat("e", 5), chat("c", 3)], next: "second" };
  const again = after(state, { event_type: "chats_changed" }, refresh);
  assert.deepEqual(ids(again), ["e", "c", "b", "a"], "d was deleted meanwhile");
  assert.deepEqual([again.chats.next, again.chats.stale], ["third", false]);
  const whole = after(state, { ...refresh, next: null });
  assert.deepEqual([ids(whole), whole.chats.next], [["e", "c"], null]);
});

test("a search keeps its hits while the next ones come, and forgets what was asked for before", () => {
  const begun = (words) => ({ event_type: "search_begun", words });
  const found = (words, offset, next, ...results) => ({ event_type: "search_found", words, offset, results, next });
  const first = after(initialState, begun("llama"), found("llama", 0, 2, "one", "two"));
  assert.deepEqual([first.search.hits, first.search.status], [["one", "two"], "ready"]);
  const more = after(first, begun("llama"), found("llama", 2, null, "three"));
  assert.deepEqual([more.search.hits, more.search.next], [["one", "two", "three"], null]);
  const other = after(more, begun("camel"));
  assert.deepEqual([other.search.hits.length, other.search.status], [3, "loading"]);
  assert.equal(after(other, found("llama", 0, null, "late")), other);
  const failed = after(other, { event_type: "search_failed", words: "camel", error: "away" });
  assert.deepEqual([failed.search.hits, failed.search.error], [[], "away"]);
  assert.equal(after(failed, { event_type: "search_left" }).search, null);
});

test("a hit's passage begins near its first hit, at a word", () => {
  const piece = (text, hit = false) => ({ text, hit });
  const short = [piece("What is a "), piece("llama", true), piece("?")];
  assert.equal(fromFirstHit(short), short);
  const [lead, hit, rest] = fromFirstHit([piece("So it goes, and on and on. ".repeat(5)), piece("llama", true), piece(" and more")]);
  assert.match(lead.text, /^… \S.{20,50} $/);
  assert.deepEqual([hit, rest], [piece("llama", true), piece(" and more")]);
  assert.deepEqual(fromFirstHit([piece("x".repeat(90)), piece("llama", true)]).map(({ text }) => text), [`… ${"x".repeat(48)}`, "llama"]);
  assert.equal(fromFirstHit([piece("no hit".repeat(30))]).length, 1);
});
