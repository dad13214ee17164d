// Every event of tests/contract/events.json has a rule of its own, and an event nobody knows changes nothing.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { initialState, reduce } from "../../chats/page/static/chat/reducer.js";
import { wireRules } from "../../chats/page/static/chat/wire_rules.js";
import { pageRules } from "../../chats/page/static/chat/page_rules.js";

const samples = JSON.parse(readFileSync(new URL("../contract/events.json", import.meta.url), "utf8"));

test("the rules are those of the event types on the wire, no more and no less", () => {
  assert.deepEqual(Object.keys(wireRules).sort(), Object.keys(samples).sort());
});

test("no event of the page itself could be mistaken for one from the wire", () => {
  assert.deepEqual(Object.keys(pageRules).filter((name) => Object.hasOwn(wireRules, name)), []);
});

for (const [eventType, events] of Object.entries(samples)) {
  events.forEach((event, index) => {
    test(`sample ${index} of ${eventType} changes the state as its rule says`, () => {
      assert.equal(event.event_type, eventType);
      const known = { ...initialState, ...before[eventType]?.(event), chat: { id: event.chat?.id ?? chatIdOf(event), title: "before" } };
      const next = reduce(known, event);
      assert.notEqual(next, known);
      assert.equal(JSON.stringify(next).includes("undefined"), false);
      check[eventType](next, event);
    });
  });
}

test("an event of an unknown type changes nothing", () => {
  assert.equal(reduce(initialState, { event_type: "safe_prompt", message_id: "m" }), initialState);
  assert.equal(reduce(initialState, { event_type: "constructor" }), initialState);
});

/** What must be known for an event to change anything. */
const before = {
  feedback: ({ message_id }) => ({ messages: { [message_id]: { id: message_id, score: -1 } } }),
  chat_deleted: ({ chat_id }) => ({ chats: { ...initialState.chats, items: [{ id: chat_id }] } }),
};

const check = {
  pending(state, { message_id, queue_position, workers }) {
    assert.equal(state.streams[message_id].pending.queue_position, queue_position);
    assert.equal(state.streams[message_id].pending.workers, workers);
  },
  token(state, { message_id, text, thoughts = "", cursor, end }) {
    const { pending, stopping, ...stream } = state.streams[message_id];
    assert.deepEqual(stream, { thoughts, text, cursor, end });
  },
  restart(state, { message_id, cursor }) {
    assert.equal(state.streams[message_id].text, "");
    assert.equal(state.streams[message_id].cursor, cursor);
  },
  message(state, { message_id, message }) {
    assert.deepEqual(state.messages[message_id], message);
  },
  error(state, event) {
    if (event.message) assert.deepEqual(state.messages[event.message_id], event.message);
    else assert.equal(state.notice.text, event.error);
  },
  chat(state, { chat }) {
    assert.deepEqual(state.chat, chat);
  },
  message_created(state, { message }) {
    assert.deepEqual(state.messages[message.id], message);
  },
  feedback(state, { message_id, score, reports, draft_group }) {
    assert.deepEqual(state.messages[message_id], { id: message_id, score, reports, draft_group });
  },
  chat_deleted(state) {
    assert.deepEqual(state.chats.items, []);
  },
  chats_changed(state) {
    assert.equal(state.chats.stale, true);
  },
};

function chatIdOf(event) {
  return event.message?.chat_id ?? "chat";
}
