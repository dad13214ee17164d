// API keys: made for a purpose and a time, shown once, listed with their last use, revoked.

import { h, setAttribute } from "#chat/dom";
import { gettext, interpolate } from "#chat/gettext";
import { copyButton } from "#chat/views/buttons";
import { checkField, field, outcome, submitting } from "#chat/views/fields";
import { dayWords, nothing, readingWords, row, twiceButton } from "#chat/views/settings/rows";

const NAME_LENGTH = 100; // oasst_site/accounts/models/api_key.py
const DAYS = [7, 30, 90, 365];
const USUAL_DAYS = 90;

const scopeNames = () => ({
  "chats:read": gettext("Read chats"),
  "chats:write": gettext("Write chats: ask, change, delete"),
  completions: gettext("The OpenAI-compatible API"),
});

export function makeKeys({ settings }) {
  const list = h("ul", { class: "setting-list" });
  const result = outcome();
  const shown = h("div", { class: "new-key", hidden: true });
  const draw = async () => {
    let keys;
    try {
      keys = await settings.listKeys();
    } catch (error) {
      list.replaceChildren(nothing(error.message));
      return;
    }
    const rows = keys.filter(isGood).map((key) => keyRow({ key, settings, result, draw }));
    const old = keys.filter((key) => !isGood(key)).map((key) => keyRow({ key, settings, result, draw }));
    list.replaceChildren(...(keys.length > 0 ? [...rows, ...old] : [nothing(gettext("You have no keys yet."))]));
  };
  const form = makeForm({
    settings,
    made(key) {
      showOnce(shown, key);
      draw();
    },
  });
  const note = h("p", { class: "sheet-note" }, gettext("A key lets your programs use this service in your name, within what it may do."));
  return {
    element: h("div", { class: "form" }, note, list, result.element, shown, form),
    show() {
      result.say("");
      setAttribute(shown, "hidden", true);
      shown.replaceChildren();
      if (!list.firstChild) list.replaceChildren(nothing(readingWords()));
      return draw();
    },
  };
}

function makeForm({ settings, made }) {
  const name = field({
    id: "key-name",
    label: gettext("What is it for?"),
    input: h("input", { type: "text", class: "input", maxlength: NAME_LENGTH, autocomplete: "off" }),
  });
  const scopes = Object.entries(scopeNames()).map(([scope, words]) => [scope, checkField({ id: `key-scope-${scope.replace(":", "-")}`, label: words })]);
  scopes.forEach(([, { input }]) => (input.checked = true));
  const days = h(
    "select",
    { class: "input" },
    DAYS.map((each) => h("option", { value: each }, interpolate(gettext("%(n)s days"), { n: each }))),
    h("option", { value: "" }, gettext("without an end")),
  );
  days.value = String(USUAL_DAYS);
  const time = field({ id: "key-days", label: gettext("For how long?"), input: days });
  const result = outcome();
  const button = h("button", { type: "submit", class: "button primary" }, gettext("Make a key"));
  const may = h("fieldset", { class: "entry" }, h("legend", {}, gettext("What may it do?")), scopes.map(([, { element }]) => element));
  const form = h("form", { class: "form boxed", novalidate: true }, h("h3", {}, gettext("A new key")), name.element, may, time.element, button, result.element);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const words = name.input.value.trim();
    const chosen = scopes.filter(([, { input }]) => input.checked).map(([scope]) => scope);
    name.complain(words === "" ? gettext("Give it a name.") : "");
    if (words === "") return name.input.focus();
    if (chosen.length === 0) return result.complain(gettext("Choose at least one thing that it may do."));
    const work = async () => {
      made(await settings.makeKey({ name: words, scopes: chosen, expires_in_days: days.value === "" ? null : Number(days.value) }));
      name.input.value = "";
    };
    return submitting({ button, result, fields: { name }, work });
  });
  return form;
}

/** The secret of a new key, which nobody can read again. */
function showOnce(place, { name, key }) {
  const input = h("input", { type: "text", class: "input code", readonly: true, id: "new-key-secret", spellcheck: "false" });
  input.value = key;
  input.addEventListener("focus", () => input.select());
  place.replaceChildren(
    h("label", { for: input.id }, interpolate(gettext("The key “%(name)s”"), { name })),
    h("div", { class: "number-row" }, input, copyButton(gettext("Copy the key"), () => key)),
    h("p", { class: "entry-hint" }, gettext("Copy it now: it is shown this once and cannot be read again.")),
  );
  setAttribute(place, "hidden", null);
  place.scrollIntoView({ block: "nearest" });
  input.focus();
}

function keyRow({ key, settings, result, draw }) {
  const names = scopeNames();
  const state = stateOf(key);
  const facts = [
    `${key.shown}…`,
    key.scopes.map((scope) => names[scope] ?? scope).join(", "),
    key.last_used_at ? interpolate(gettext("last used %(day)s"), { day: dayWords(key.last_used_at) }) : gettext("never used"),
    key.expires_at && isGood(key) && interpolate(gettext("until %(day)s"), { day: dayWords(key.expires_at) }),
  ];
  const revoke =
    isGood(key) &&
    twiceButton({
      name: gettext("Revoke"),
      again: gettext("Really revoke?"),
      label: interpolate(gettext("Revoke %(name)s"), { name: key.name }),
      async act() {
        try {
          await settings.revokeKey(key.id);
          await draw();
        } catch (error) {
          result.complain(error.message);
        }
      },
    });
  return row({ name: key.name, mark: state && h("span", { class: "tag" }, state), facts, actions: [revoke] });
}

function stateOf(key) {
  if (key.revoked_at) return gettext("revoked");
  return isGood(key) ? "" : gettext("expired");
}

function isGood(key) {
  return !key.revoked_at && !(key.expires_at && Date.parse(key.expires_at) < Date.now());
}
