// What the page says of parameters and of how well a model is served. Pure.

import { duration } from "#chat/words";
import { gettext, interpolate, ngettext } from "#chat/gettext";

/** A parameter's name for people. */
export function titleOf(name) {
  return {
    temperature: gettext("Temperature"),
    top_p: gettext("Top-p"),
    top_k: gettext("Top-k"),
    typical_p: gettext("Typical-p"),
    repetition_penalty: gettext("Repetition penalty"),
    max_new_tokens: gettext("Longest reply"),
    seed: gettext("Seed"),
  }[name];
}

/** What a parameter does. */
export function explanationOf(name) {
  return {
    temperature: gettext("How freely the next word is drawn. Low is predictable and plain, high is varied and at last senseless."),
    top_p: gettext("Draws only from the likeliest words that together have this share of the probability. Lower is safer."),
    top_k: gettext("Draws only from so many of the likeliest words."),
    typical_p: gettext("Prefers words that are about as surprising as text usually is, up to this share of the probability."),
    repetition_penalty: gettext("Makes words that were said already less likely. 1 changes nothing; above 1.3 the text suffers."),
    max_new_tokens: gettext("The reply is cut off after so many tokens; a token is about three quarters of an English word."),
    seed: gettext("The same seed and settings give the same reply again, as far as the engine can. Empty: another one each time."),
  }[name];
}

/** What may be written into the field. */
export function rangeOf(name, rule) {
  const bounds = { low: rule.above ?? rule.least, high: rule.most };
  const bounded = rule.most !== undefined && rule.most < 2 ** 31 - 1;
  if (name === "seed") return gettext("A whole number from 0, or empty.");
  let range;
  if (rule.kind === "integer") {
    range = interpolate(bounded ? gettext("A whole number from %(low)s to %(high)s") : gettext("A whole number from %(low)s"), bounds);
  } else {
    range = interpolate(bounded ? gettext("Above %(low)s, at most %(high)s") : gettext("Above %(low)s"), bounds);
  }
  return rule.nullable ? interpolate(gettext("%(range)s; empty turns it off."), { range }) : `${range}.`;
}

/** What is wrong with what was typed, of parameters.read's {problem, rule}. */
export function problemWords({ problem, rule }) {
  if (problem === "empty") return gettext("A number is needed here.");
  if (problem === "number") return gettext("This is no number.");
  if (problem === "whole") return gettext("This must be a whole number.");
  if (problem === "high") return interpolate(gettext("At most %(most)s is possible."), { most: rule.most });
  if (rule.above !== undefined) return interpolate(gettext("This must be above %(above)s."), { above: rule.above });
  return interpolate(gettext("This must be at least %(least)s."), { least: rule.least });
}

/** How much a model holds: "8k tokens". */
export function lengthWords(tokens) {
  const n = tokens < 1024 ? tokens : `${Math.round(tokens / 1024)}k`;
  return interpolate(gettext("%(n)s tokens"), { n });
}

/** How well a model is served, of AvailabilityRead: {tone: "free" | "busy" | "away" | "unknown", text}. */
export function servedWords(now) {
  if (!now) return { tone: "unknown", text: "" };
  const waiting = now.waiting
    ? ` · ${interpolate(ngettext("%(n)s waits", "%(n)s wait", now.waiting), { n: now.waiting })}`
    : "";
  if (now.paused) return { tone: "away", text: gettext("Paused") + waiting };
  if (now.workers === 0) return { tone: "away", text: gettext("No worker now") + waiting };
  if (now.free_seats > now.waiting) {
    const workers = interpolate(ngettext("%(n)s worker", "%(n)s workers", now.workers), { n: now.workers });
    const free = interpolate(gettext("%(free)s of %(seats)s places free"), { free: now.free_seats, seats: now.seats });
    return { tone: "free", text: `${workers} · ${free}` };
  }
  const wait = now.estimate_s ? ` · ${interpolate(gettext("about %(time)s"), { time: duration(now.estimate_s) })}` : "";
  return { tone: "busy", text: gettext("Busy") + waiting + wait };
}
