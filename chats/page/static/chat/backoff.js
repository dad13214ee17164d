// How long to wait before the next attempt to reconnect. Pure.

const FIRST_MS = 400;
const CAP_MS = 15_000;

/**
 * Milliseconds before attempt number `attempt` (0 is the first after a loss): doubling up to a cap, each between a half and
 * the whole of its step, so that the readers of a server that went down do not all come back in the same instant.
 * `random` is a number in [0, 1).
 */
export function delayMs(attempt, random) {
  const step = Math.min(CAP_MS, FIRST_MS * 2 ** Math.min(attempt, 16));
  return Math.round(step * (0.5 + random / 2));
}
