// Days and times in a reader's words: the groups of the sidebar, the stamp of a message. Pure.

import { gettext, language } from "#chat/gettext";

const DAY_MS = 86_400_000;

/** [{name, chats}] in the order of `chats` (newest first); `now` is a Date, and days are those of its time zone. */
export function groupByDay(chats, now, locale = language) {
  const groups = [];
  for (const chat of chats) {
    const name = dayName(new Date(chat.created_at), now, locale);
    if (groups.at(-1)?.name === name) groups.at(-1).chats.push(chat);
    else groups.push({ name, chats: [chat] });
  }
  return groups;
}

/** The time of day; before today also the day, and the year when it is another one. */
export function stampWords(date, now, locale = undefined) {
  const time = { hour: "numeric", minute: "2-digit" };
  if (startOfDay(date) === startOfDay(now)) return date.toLocaleTimeString(locale, time);
  const year = date.getFullYear() === now.getFullYear() ? {} : { year: "numeric" };
  return date.toLocaleString(locale, { ...year, month: "short", day: "numeric", ...time });
}

function dayName(date, now, locale) {
  const days = Math.round((startOfDay(now) - startOfDay(date)) / DAY_MS);
  if (days <= 0) return gettext("Today");
  if (days === 1) return gettext("Yesterday");
  if (days <= 7) return gettext("Last 7 days");
  const sameYear = date.getFullYear() === now.getFullYear();
  return date.toLocaleDateString(locale, sameYear ? { month: "long" } : { month: "long", year: "numeric" });
}

function startOfDay(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
