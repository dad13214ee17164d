import assert from "node:assert/strict";
import { test } from "node:test";

import { Patience } from "../../chats/page/static/chat/patience.js";

/** Patience with what it told, under a clock of its own. */
function waiting(context) {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const told = [];
  return { told, patience: new Patience("", (state) => told.push(state)), pass: (ms) => context.mock.timers.tick(ms) };
}

test("a loss that heals soon is never told", (context) => {
  const { told, patience, pass } = waiting(context);
  patience.see("lost", 1000);
  pass(999);
  patience.see("", 0);
  pass(5000);
  assert.deepEqual(told, []);
});

test("a loss is told after its patience, however often it is seen again meanwhile", (context) => {
  const { told, patience, pass } = waiting(context);
  for (let ms = 0; ms < 1000; ms += 100) {
    patience.see("lost", 1000); // each attempt to reconnect that fails
    pass(100);
  }
  assert.deepEqual(told, ["lost"]);
  patience.see("lost", 1000);
  pass(5000);
  assert.deepEqual(told, ["lost"]);
  patience.see("", 0);
  assert.deepEqual(told, ["lost", ""]);
});

test("what needs no patience is told at once, also in the midst of another wait", (context) => {
  const { told, patience, pass } = waiting(context);
  patience.see("lost", 1000);
  pass(500);
  patience.see("expired", 0);
  pass(5000);
  assert.deepEqual(told, ["expired"]);
});
