import assert from "node:assert/strict";
import { test } from "node:test";

import { ROOT, activePath, childrenByParent, chooseThrough } from "../../chats/page/static/chat/tree.js";
import { byId, prompt, reply } from "./messages.js";

const messages = byId(
  prompt("p1", null),
  reply("r1", "p1"),
  reply("r1b", "p1"),
  prompt("p2", "r1"),
  prompt("p2b", "r1"),
  reply("r2", "p2"),
);
const ids = (path) => path.map(({ id }) => id);

test("without a choice the newest branch is shown", () => {
  assert.deepEqual(ids(activePath(messages, {})), ["p1", "r1b"]);
});

test("a choice at a fork leads into its branch, and below it the newest again", () => {
  assert.deepEqual(ids(activePath(messages, { p1: "r1" })), ["p1", "r1", "p2b"]);
  assert.deepEqual(ids(activePath(messages, { p1: "r1", r1: "p2" })), ["p1", "r1", "p2", "r2"]);
});

test("each step tells its branches, oldest first, and its place among them", () => {
  const [first, second] = activePath(messages, { p1: "r1" });
  assert.deepEqual(first, { id: "p1", siblings: ["p1"], index: 0 });
  assert.deepEqual(second, { id: "r1", siblings: ["r1", "r1b"], index: 0 });
});

test("choosing through a message makes the path run through it", () => {
  const choices = chooseThrough(messages, {}, "r2");
  assert.deepEqual(choices, { [ROOT]: "p1", p1: "r1", r1: "p2", p2: "r2" });
  assert.deepEqual(ids(activePath(messages, choices)), ["p1", "r1", "p2", "r2"]);
});

test("two first prompts are branches of one another", () => {
  const edited = byId(prompt("a", null), prompt("b", null));
  assert.deepEqual(childrenByParent(edited).get(ROOT), ["a", "b"]);
  assert.deepEqual(ids(activePath(edited, { [ROOT]: "a" })), ["a"]);
});

test("a choice of a message that is gone falls back to the newest", () => {
  assert.deepEqual(ids(activePath(messages, { p1: "gone" })), ["p1", "r1b"]);
});

test("messages made in the same instant are ordered by their ids", () => {
  const at = { created_at: "2026-01-01T00:00:00Z" };
  assert.deepEqual(childrenByParent(byId(reply("z", "p", at), reply("a", "p", at))).get("p"), ["a", "z"]);
});

test("an empty chat has an empty path, and a loop in broken data ends", () => {
  assert.deepEqual(activePath({}, {}), []);
  assert.deepEqual(ids(activePath(byId(prompt("x", null), reply("y", "x")), {})), ["x", "y"]);
  assert.equal(Object.keys(chooseThrough(byId(prompt("x", "y"), reply("y", "x")), {}, "x")).length, 2);
});
