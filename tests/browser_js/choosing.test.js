// Which model and preset are in force, how a model's service is told, and what stands over a chat.

import assert from "node:assert/strict";
import { test } from "node:test";

import { initialState, reduce } from "../../chats/page/static/chat/reducer.js";
import { chosenModel, chosenPreset, keyOfOwn, presetsFor } from "../../chats/page/static/chat/settings/choosing.js";
import { differing, factsInForce, factsKnown, hasInstructions } from "../../chats/page/static/chat/settings/facts.js";
import { lengthWords, servedWords } from "../../chats/page/static/chat/settings/words.js";

const MODELS = [{ name: "a", parameter_configs: [{ name: "k50", sampling_parameters: {} }] }, { name: "b" }];
const NOW = { name: "a", workers: 1, seats: 4, free_seats: 3, waiting: 0, paused: false, estimate_s: 0 };

test("the wanted model is taken although nobody serves it", () => {
  assert.equal(chosenModel(MODELS, "b", { a: NOW }).name, "b");
});

test("without a wish it is the first that is served, or the first of all", () => {
  assert.equal(chosenModel(MODELS, null, { b: { ...NOW, name: "b" } }).name, "b");
  assert.equal(chosenModel(MODELS, "gone").name, "a");
  assert.equal(chosenModel([], null), undefined);
});

test("own presets follow the catalogue's and cannot be mistaken for one", () => {
  const presets = presetsFor(MODELS[0], [{ id: "1", name: "k50", sampling_parameters: {}, seed: 7 }]);
  assert.deepEqual(presets.map(({ key }) => key), ["k50", keyOfOwn("1")]);
  assert.equal(chosenPreset(presets, keyOfOwn("1")).seed, 7);
  assert.equal(chosenPreset(presets, keyOfOwn("deleted")).key, "k50");
  assert.equal(chosenPreset(presetsFor(MODELS[1]), "k50"), undefined);
});

test("how well a model is served is said in words", () => {
  assert.deepEqual(servedWords(NOW), { tone: "free", text: "1 worker · 3 of 4 places free" });
  assert.deepEqual(servedWords({ ...NOW, workers: 0 }), { tone: "away", text: "No worker now" });
  assert.deepEqual(servedWords({ ...NOW, paused: true, waiting: 2 }), { tone: "away", text: "Paused · 2 wait" });
  assert.deepEqual(servedWords({ ...NOW, free_seats: 0, waiting: 1, estimate_s: 30 }), { tone: "busy", text: "Busy · 1 waits · about 30 s" });
  assert.equal(servedWords({ ...NOW, free_seats: 0, waiting: 1, estimate_s: null }).text, "Busy · 1 waits");
  assert.equal(servedWords(undefined).tone, "unknown");
});

test("a length is told roundly", () => {
  assert.equal(lengthWords(8192), "8k tokens");
  assert.equal(lengthWords(700), "700 tokens");
});

test("presets are kept by name, each once", () => {
  let state = reduce(initialState, { event_type: "presets_loaded", presets: [{ id: "2", name: "b" }, { id: "1", name: "a" }] });
  state = reduce(state, { event_type: "preset_saved", preset: { id: "2", name: "A first" } });
  state = reduce(state, { event_type: "preset_saved", preset: { id: "3", name: "c" } });
  assert.deepEqual(state.presets.map(({ name }) => name), ["a", "A first", "c"]);
  assert.deepEqual(reduce(state, { event_type: "preset_deleted", id: "1" }).presets.map(({ id }) => id), ["2", "3"]);
});

test("availability that cannot be had is forgotten rather than shown for ever", () => {
  let state = reduce(initialState, { event_type: "availability_loaded", availability: [NOW] });
  assert.equal(state.availability.items.a.free_seats, 3);
  state = reduce(state, { event_type: "availability_failed" });
  assert.deepEqual(state.availability.items, {});
});

test("an open chat has its own instructions, a new one the preferences and what was set for it", () => {
  const state = { ...initialState, preferences: { allow_data_use: false, system_prompt: "P", user_profile: "me" } };
  assert.deepEqual(factsInForce(state), { allow_data_use: false, system_prompt: "P", user_profile: "me", user_response_instructions: "" });
  assert.equal(factsInForce({ ...state, newChat: { system_prompt: "" } }).system_prompt, "");
  assert.equal(factsInForce({ ...state, chat: { id: "c", system_prompt: "C" } }).system_prompt, "C");
  assert.equal(factsInForce({ ...state, chat: { id: "c", title: null } }).system_prompt, "");
});

test("what is not known yet cannot be changed", () => {
  const preferences = { allow_data_use: true };
  assert.equal(factsKnown({ ...initialState, preferences: null }), false);
  assert.equal(factsKnown({ ...initialState, preferences }), true);
  assert.equal(factsKnown({ ...initialState, preferences, chat: { id: "c", title: "only seen in the list" } }), false);
  assert.equal(factsKnown({ ...initialState, preferences, chat: { id: "c", system_prompt: "" } }), true);
  assert.equal(factsKnown({ ...initialState, preferences, phase: "missing" }), false);
});

test("white space is no instruction", () => {
  assert.equal(hasInstructions({ system_prompt: " \n" }), false);
  assert.equal(hasInstructions({ user_profile: "me" }), true);
  assert.deepEqual(differing({ a: 1, b: 2 }, { a: 1, b: 3 }), { b: 2 });
});

test("what was set for a new chat ends with it", () => {
  const state = reduce(initialState, { event_type: "new_chat_facts", facts: { system_prompt: "S" } });
  assert.deepEqual(state.newChat, { system_prompt: "S" });
  assert.deepEqual(reduce(state, { event_type: "chat_opening", chat_id: "c", keep_outbox: true }).newChat, {});
});
