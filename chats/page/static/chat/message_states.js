// What a message's state means to the page.

const UNFINISHED = new Set(["pending", "in_progress"]);
const BROKEN = new Set(["aborted_by_worker", "timeout"]);

/** A reply that more may come for. */
export function isUnfinished(message) {
  return UNFINISHED.has(message.state);
}

/** A reply that ended in a fault. */
export function isBroken(message) {
  return BROKEN.has(message.state);
}
