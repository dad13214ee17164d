import assert from "node:assert/strict";
import { test } from "node:test";

import { branchBeside, shortcutOf, shortcutWords } from "../../chats/page/static/chat/shortcuts.js";

const press = (key, fields = {}) => ({ key, ctrlKey: false, metaKey: false, altKey: false, isComposing: false, repeat: false, ...fields });
const at = (place, single = true) => ({ place, single });

test("single keys work outside of text fields only", () => {
  assert.equal(shortcutOf(press("n"), at("page")), "new_chat");
  assert.equal(shortcutOf(press("N"), at("page")), "new_chat");
  assert.equal(shortcutOf(press("?"), at("page")), "help");
  for (const place of ["composer", "text"]) {
    for (const key of ["n", "m", "s", "b", "c", "<", ">", "?"]) assert.equal(shortcutOf(press(key), at(place)), null);
  }
});

test("single keys can be switched off, the others stay", () => {
  assert.equal(shortcutOf(press("n"), at("page", false)), null);
  assert.equal(shortcutOf(press("Escape"), at("page", false)), "stop");
  assert.equal(shortcutOf(press("/", { ctrlKey: true }), at("composer", false)), "help");
});

test("the browser's own keys and those of an input method are left alone", () => {
  for (const held of ["ctrlKey", "metaKey", "altKey"]) {
    for (const key of ["n", "c", "b", "s", "Escape"]) assert.equal(shortcutOf(press(key, { [held]: true }), at("page")), null);
  }
  assert.equal(shortcutOf(press("Escape", { isComposing: true }), at("composer")), null);
  assert.equal(shortcutOf(press("n", { repeat: true }), at("page")), null);
  for (const key of ["constructor", "toString", "Tab", "Enter", " "]) assert.equal(shortcutOf(press(key), at("page")), null);
});

test("Escape in another text field is that field's", () => {
  assert.equal(shortcutOf(press("Escape"), at("composer")), "stop");
  assert.equal(shortcutOf(press("Escape"), at("text")), null);
});

test("every shortcut that there is stands in the sheet", () => {
  const told = shortcutWords().map(([keys]) => keys.at(-1).toLowerCase());
  for (const key of ["n", "m", "s", "b", "c", "<", ">", "?"]) {
    assert.ok(shortcutOf(press(key), at("page")));
    assert.ok(told.includes(key), key);
  }
});

test("the branch beside is of the lowest message that has any, and ends at the ends", () => {
  const step = (siblings, index) => ({ id: siblings[index], siblings, index });
  const path = [step(["p", "q"], 0), step(["a", "b", "c"], 1), step(["z"], 0)];
  assert.equal(branchBeside(path, 1), "c");
  assert.equal(branchBeside(path, -1), "a");
  assert.equal(branchBeside([step(["a", "b"], 1)], 1), null);
  assert.equal(branchBeside([step(["z"], 0)], 1), null);
  assert.equal(branchBeside([], 1), null);
});
