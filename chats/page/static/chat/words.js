// What the page says about a reply that waits, stands still or has ended. Pure.

import { gettext, interpolate } from "#chat/gettext";
import { isUnfinished } from "#chat/message_states";

const ordinalRules = new Intl.PluralRules("en", { type: "ordinal" });
const ORDINAL_ENDINGS = { one: "st", two: "nd", few: "rd", other: "th" };

/** 1 -> "1st", 12 -> "12th". */
export function ordinal(number) {
  return `${number}${ORDINAL_ENDINGS[ordinalRules.select(number)]}`;
}

/** Seconds in the words of somebody who waits: "8 s", "3 min". */
export function duration(seconds) {
  if (seconds < 90) return interpolate(gettext("%(n)s s"), { n: Math.max(1, Math.round(seconds)) });
  return interpolate(gettext("%(n)s min"), { n: Math.round(seconds / 60) });
}

/**
 * A place in the queue, from the fields of a `pending` event (position from 0); `pending` is null before the first one.
 * `begun`: some of the reply is there already, its worker was lost or left.
 */
export function waitingWords(pending, begun = false) {
  if (!pending) return gettext("Waiting…");
  if (pending.workers === 0) {
    return begun
      ? gettext("The reply pauses. It goes on from here when a worker serves this model again.")
      : gettext("No worker serves this model now. The message keeps its place in line.");
  }
  const place = placeWords(pending);
  return begun ? `${gettext("The reply pauses. Another worker goes on from here.")} ${place}` : place;
}

function placeWords(pending) {
  const position = pending.queue_position + 1;
  const place =
    position <= 1
      ? gettext("Next in line")
      : interpolate(gettext("%(ordinal)s in line"), { ordinal: ordinal(position), n: position });
  if (pending.estimate_s === null || pending.estimate_s === undefined) return place;
  return `${place} · ${interpolate(gettext("about %(time)s"), { time: duration(pending.estimate_s) })}`;
}

/** What is to be said under a reply that has ended otherwise than well: {text, tone: "quiet" | "error"}, or null. */
export function endingWords(message) {
  if (isUnfinished(message)) return null;
  const reason = message.error ? ` ${sentence(message.error)}` : "";
  switch (message.state) {
    case "cancelled":
      return { text: gettext("Stopped."), tone: "quiet" };
    case "aborted_by_worker":
      return { text: gettext("The reply broke off.") + reason, tone: "error" };
    case "timeout":
      return { text: gettext("No reply came in time.") + reason, tone: "error" };
  }
  if (message.role !== "assistant") return null;
  if (message.finish_reason === "length") return { text: gettext("Cut off at the longest reply that the parameters or the model allow."), tone: "quiet" };
  if (message.content === "") return { text: gettext("The model ended its reply without a word."), tone: "quiet" };
  return null;
}

/** What a screen reader is told when a reply has ended. */
export function announcement(message) {
  return endingWords(message)?.text ?? gettext("The reply is complete.");
}

function sentence(text) {
  const trimmed = text.trim();
  const begun = trimmed.slice(0, 1).toUpperCase() + trimmed.slice(1);
  return /[.!?…]$/.test(begun) ? begun : `${begun}.`;
}
