// What this browser keeps for the person: drafts, the chosen model, the folded sidebar. Works without storage too.

const PREFIX = "chat:";

/** The stored value, or `fallback` when there is none (or storage is forbidden). */
export function recall(name, fallback = null) {
  try {
    const text = localStorage.getItem(PREFIX + name);
    return text === null ? fallback : JSON.parse(text);
  } catch {
    return fallback;
  }
}

/** Stores a value; null forgets it. A full or forbidden storage is no error: the page goes on without. */
export function keep(name, value) {
  try {
    if (value === null || value === "") localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // nothing depends on it
  }
}
