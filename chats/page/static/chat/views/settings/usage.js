// Usage: today's tokens against the budget, and what the last thirty days used.

import { h } from "#chat/dom";
import { gettext, interpolate, ngettext } from "#chat/gettext";
import { byDay, byModel, shareOf } from "#chat/settings/usage";
import { dayWords } from "#chat/views/settings/rows";

export function makeUsage({ settings }) {
  const element = h("div", { class: "form" });
  return {
    element,
    async show() {
      try {
        const usage = await settings.usage();
        element.replaceChildren(todayBlock(usage), ...lastDays(usage));
      } catch (error) {
        element.replaceChildren(h("p", { class: "outcome", "data-error": true }, error.message));
      }
    },
  };
}

function todayBlock({ today, resets_at }) {
  const { share, isSpent } = shareOf(today);
  const used = interpolate(ngettext("%(n)s token written for you today", "%(n)s tokens written for you today", today.used), { n: number(today.used) });
  if (share === null) {
    return h("section", { class: "entry" }, h("h3", {}, gettext("Today")), h("p", {}, used), h("p", { class: "entry-hint" }, gettext("There is no limit.")));
  }
  const at = new Date(resets_at).toLocaleTimeString(lang(), { timeStyle: "short" });
  const meter = h("meter", { class: "budget", min: 0, max: 1, high: 0.9, optimum: 0, "aria-label": gettext("Today’s share of the budget") });
  meter.value = share;
  const left = isSpent
    ? gettext("The day’s budget is used up.")
    : interpolate(gettext("%(left)s of %(limit)s are left."), { left: number(today.left), limit: number(today.limit) });
  return h(
    "section",
    { class: "entry" },
    h("h3", {}, gettext("Today")),
    h("p", {}, used),
    meter,
    h("p", { class: "entry-hint" }, left, " ", interpolate(gettext("It begins anew at %(time)s."), { time: at })),
  );
}

function lastDays({ days }) {
  if (days.length === 0) return [h("p", { class: "sheet-note" }, gettext("No replies in the last 30 days."))];
  return [
    table(
      gettext("By model, the last 30 days"),
      [gettext("Model"), gettext("Replies"), gettext("Tokens read"), gettext("Tokens written")],
      byModel(days).map(({ name, replies, prompt_tokens, tokens }) => [name, number(replies), number(prompt_tokens), number(tokens)]),
    ),
    table(
      gettext("By day"),
      [gettext("Day"), gettext("Replies"), gettext("Tokens written")],
      byDay(days).map(({ day, replies, tokens }) => [dayWords(`${day}T00:00:00`), number(replies), number(tokens)]),
    ),
  ];
}

function table(title, heads, rows) {
  return h(
    "section",
    { class: "entry" },
    h("h3", {}, title),
    h(
      "table",
      { class: "figures", "aria-label": title },
      h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))),
      h("tbody", {}, rows.map(([first, ...others]) => h("tr", {}, h("th", { scope: "row" }, first), others.map((each) => h("td", {}, each))))),
    ),
  );
}

function number(value) {
  return value.toLocaleString(lang());
}

function lang() {
  return document.documentElement.lang || undefined;
}
