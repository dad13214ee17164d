// Parameters: the server's ranges, what people type, and a preset with changes of one's own.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { NAMES, PARAMETERS, asFields, changed, merged, read, ruleFor, valuesOf, write } from "../../chats/page/static/chat/settings/parameters.js";
import { explanationOf, problemWords, rangeOf, titleOf } from "../../chats/page/static/chat/settings/words.js";

const contract = JSON.parse(readFileSync(new URL("../contract/parameters.json", import.meta.url), "utf8"));
const MODEL = { name: "m", max_total_length: 2048 };
const PRESET = {
  key: "k50",
  sampling_parameters: { temperature: 0.75, top_k: 50, top_p: 0.95, typical_p: null, repetition_penalty: 1.2, max_new_tokens: 500 },
};

test("the ranges are those of the contract", () => {
  const ours = Object.fromEntries(NAMES.map((name) => [name, (({ slider, ...rule }) => rule)(PARAMETERS[name])]));
  assert.deepEqual(ours, contract);
});

test("a slider stays within its parameter's range", () => {
  for (const name of NAMES.filter((each) => PARAMETERS[each].slider)) {
    const rule = ruleFor(name, MODEL);
    for (const end of rule.slider.slice(0, 2)) assert.deepEqual(read(name, String(end), MODEL), { value: end }, `${name} ${end}`);
  }
});

test("what is typed is read as people write it", () => {
  assert.deepEqual(read("temperature", " 0,7 "), { value: 0.7 });
  assert.deepEqual(read("temperature", "1e-3"), { value: 0.001 });
  assert.deepEqual(read("top_k", "40"), { value: 40 });
  assert.deepEqual(read("top_k", ""), { value: null });
  assert.deepEqual(read("seed", "0"), { value: 0 });
});

for (const [name, typed, problem] of [
  ["temperature", "0", "low"],
  ["temperature", "-1", "low"],
  ["temperature", "warm", "number"],
  ["temperature", "0x10", "number"],
  ["temperature", "1e999", "number"],
  ["top_p", "1.01", "high"],
  ["top_p", "0", "low"],
  ["top_k", "1.5", "whole"],
  ["top_k", "0", "low"],
  ["seed", "-1", "low"],
  ["seed", "9007199254740993", "high"],
  ["max_new_tokens", "", "empty"],
  ["max_new_tokens", "2048", "high"],
]) {
  test(`${name} cannot be "${typed}"`, () => {
    const found = read(name, typed, MODEL);
    assert.equal(found.problem, problem);
    assert.match(problemWords(found), /\.$/);
    assert.doesNotMatch(problemWords(found), /undefined|null/);
  });
}

test("every parameter has a name, an explanation and a range in words", () => {
  for (const name of NAMES) {
    assert.ok(titleOf(name));
    assert.match(explanationOf(name), /\.$/);
    assert.match(rangeOf(name, ruleFor(name, MODEL)), /\.$/);
    assert.doesNotMatch(rangeOf(name, ruleFor(name, MODEL)), /undefined|%\(/);
  }
});

test("a written value is read back as it was", () => {
  for (const value of [null, 0.75, 1, 50]) assert.deepEqual(read("temperature", write(value)), { value });
});

test("a preset names all parameters, and its length fits the model", () => {
  assert.deepEqual(valuesOf(PRESET, MODEL), { ...PRESET.sampling_parameters, seed: null });
  assert.equal(valuesOf(PRESET, { max_total_length: 600 }).max_new_tokens, 300);
  assert.equal(valuesOf({ sampling_parameters: {} }).top_k, 50);
  assert.equal(valuesOf(undefined).max_new_tokens, 100);
});

test("changes stand over the preset, and what the model cannot keep does not", () => {
  const values = merged(PRESET, { temperature: 0.2, top_k: null, max_new_tokens: 4000, nonsense: 1 }, MODEL);
  assert.deepEqual(values, { ...valuesOf(PRESET, MODEL), temperature: 0.2, top_k: null });
});

test("a value that is the preset's own is no change", () => {
  const changes = changed({}, "temperature", 0.2, PRESET, MODEL);
  assert.deepEqual(changes, { temperature: 0.2 });
  assert.deepEqual(changed(changes, "temperature", 0.75, PRESET, MODEL), {});
  assert.deepEqual(changed(changes, "typical_p", null, PRESET, MODEL), { temperature: 0.2 });
});

test("the fields of a command have the seed apart", () => {
  const { sampling_parameters, seed } = asFields({ ...valuesOf(PRESET), seed: 7 });
  assert.equal(seed, 7);
  assert.equal("seed" in sampling_parameters, false);
});
