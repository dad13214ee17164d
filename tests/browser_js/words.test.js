import assert from "node:assert/strict";
import { test } from "node:test";

import { delayMs } from "../../chats/page/static/chat/backoff.js";
import { groupByDay, stampWords } from "../../chats/page/static/chat/days.js";
import { interpolate, ngettext } from "../../chats/page/static/chat/gettext.js";
import { provenance } from "../../chats/page/static/chat/provenance.js";
import { announcement, duration, endingWords, ordinal, waitingWords } from "../../chats/page/static/chat/words.js";
import { reply } from "./messages.js";

const pending = (fields) => ({ queue_position: 0, queue_size: 1, workers: 1, estimate_s: null, ...fields });

test("a place in the queue is told with an honest estimate", () => {
  assert.equal(waitingWords(pending({ queue_position: 1, estimate_s: 8.2 })), "2nd in line · about 8 s");
  assert.equal(waitingWords(pending({ queue_position: 0, estimate_s: 0.2 })), "Next in line · about 1 s");
  assert.equal(waitingWords(pending({ queue_position: 11 })), "12th in line");
  assert.equal(waitingWords(pending({ queue_position: 2, estimate_s: 240 })), "3rd in line · about 4 min");
});

test("without a worker no place is promised", () => {
  assert.match(waitingWords(pending({ workers: 0, queue_position: 3, estimate_s: 9 })), /^No worker serves this model now/);
});

test("a reply that pauses says so, and that it will go on", () => {
  assert.equal(waitingWords(pending({}), true), "The reply pauses. Another worker goes on from here. Next in line");
  assert.match(waitingWords(pending({ workers: 0 }), true), /^The reply pauses. It goes on from here when a worker serves/);
});

test("a stamp is the time of day, and tells the day once it is another one", () => {
  const now = new Date(2026, 10, 27, 15, 0);
  assert.equal(stampWords(new Date(2026, 10, 27, 0, 5), now, "en-GB"), "0:05");
  assert.equal(stampWords(new Date(2026, 10, 26, 23, 59), now, "en-GB"), "26 Nov, 23:59");
  assert.equal(stampWords(new Date(2025, 0, 2, 8, 30), now, "en-GB"), "2 Jan 2025, 8:30");
});

test("the GPUs of a worker's machine are told, the same ones together", () => {
  const gpu = (name, gib) => ({ name, total_memory: gib * 2 ** 30 });
  const gpus = (...list) => provenance(reply("r", "p"), { worker: { hardware: { gpus: list } } }).find(([name]) => name === "GPU")?.[1];
  assert.equal(gpus(gpu("H100", 80), gpu("H100", 80), gpu("T4", 15)), "2 × H100 (80 GiB), T4 (15 GiB)");
  assert.equal(gpus(), undefined);
  assert.equal(provenance(reply("r", "p"), { worker: { hardware: null } }).some(([name]) => name === "GPU"), false);
});

test("ordinals end as English wants", () => {
  assert.deepEqual([1, 2, 3, 4, 11, 12, 13, 21, 112].map(ordinal), ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "112th"]);
});

test("durations are seconds up to a minute and a half, then minutes", () => {
  assert.deepEqual([0.1, 59, 89, 91, 3600].map(duration), ["1 s", "59 s", "89 s", "2 min", "60 min"]);
});

test("each ending is told in its tone, and a good one needs no words", () => {
  assert.equal(endingWords(reply("r", "p")), null);
  assert.deepEqual(endingWords(reply("r", "p", { state: "cancelled" })), { text: "Stopped.", tone: "quiet" });
  assert.deepEqual(endingWords(reply("r", "p", { state: "aborted_by_worker", error: "the engine is down" })), {
    text: "The reply broke off. The engine is down.",
    tone: "error",
  });
  assert.deepEqual(endingWords(reply("r", "p", { finish_reason: "length" })), {
    text: "Cut off at the longest reply that the parameters or the model allow.",
    tone: "quiet",
  });
  assert.match(endingWords(reply("r", "p", { content: "" })).text, /without a word/);
  assert.equal(endingWords(reply("r", "p", { state: "in_progress", content: null })), null);
  assert.equal(announcement(reply("r", "p")), "The reply is complete.");
});

test("provenance tells what is known and leaves out what is not", () => {
  const message = reply("r", "p", {
    created_at: "2026-01-01T00:00:00Z",
    work_begin_at: "2026-01-01T00:00:02Z",
    first_token_at: "2026-01-01T00:00:02.5Z",
    work_end_at: "2026-01-01T00:00:12.5Z",
    model_config_name: "demo",
    generated_tokens: 200,
    work_parameters: { seed: 7 },
    resumptions: [],
  });
  assert.deepEqual(provenance(message), [
    ["Model", "demo"],
    ["Waited", "2.0 s"],
    ["First token after", "0.5 s"],
    ["Tokens", 200],
    ["Speed", "20 tokens/s"],
    ["Seed", 7],
  ]);
  assert.deepEqual(provenance({ ...message, work_begin_at: message.created_at })[1], ["Waited", "less than 0.1 s"]);
  assert.deepEqual(provenance({ ...message, resumptions: [{}] }).at(-1), ["Taken up again", "1 time, after a fault"]);
});

test("chats are grouped by the days of the reader's own calendar", () => {
  const now = new Date(2026, 6, 15, 0, 30);
  const chat = (...date) => ({ id: String(date), created_at: new Date(...date).toISOString() });
  const groups = groupByDay(
    [chat(2026, 6, 15, 0, 10), chat(2026, 6, 14, 23, 50), chat(2026, 6, 9), chat(2026, 4, 2), chat(2025, 4, 2)],
    now,
    "en",
  );
  assert.deepEqual(groups.map(({ name }) => name), ["Today", "Yesterday", "Last 7 days", "May", "May 2025"]);
});

test("the wait between attempts doubles, is spread, and ends at its cap", () => {
  assert.deepEqual([0, 1, 2].map((attempt) => delayMs(attempt, 0)), [200, 400, 800]);
  assert.equal(delayMs(0, 0.999), 400);
  assert.equal(delayMs(1000, 0.99999), 15000);
});

test("words stand in English where there is no catalogue", () => {
  assert.equal(ngettext("%(n)s message", "%(n)s messages", 2), "%(n)s messages");
  assert.equal(interpolate("%(n)s of %(n)s", { n: 2 }), "2 of 2");
});
