// The passage of a search hit as it is shown in a narrow place: what was searched for must be in sight. Pure.

const BEFORE = 48; // characters before the first hit: about one line and a half of the list

/** `excerpt`: [{text, hit}]. The same pieces, beginning at most BEFORE characters, at a word, before the first hit. */
export function fromFirstHit(excerpt) {
  const first = excerpt.findIndex(({ hit }) => hit);
  if (first === -1) return excerpt;
  const lead = excerpt.slice(0, first).map(({ text }) => text).join("");
  if (lead.length <= BEFORE) return excerpt;
  const kept = lead.slice(-BEFORE);
  const begun = kept.slice(kept.search(/\s/) + 1);
  return [{ text: `… ${begun}`, hit: false }, ...excerpt.slice(first)];
}
