// Lists in the settings: rows of a name, some facts below it, and what can be done; deleting asks once more in its place.

import { h } from "#chat/dom";
import { gettext } from "#chat/gettext";

/** A row: `facts` are texts, `actions` nodes. */
export function row({ name, mark = null, facts, actions = [] }) {
  return h(
    "li",
    { class: "setting-row" },
    h("div", { class: "setting-text" }, h("strong", {}, name, mark), h("small", {}, facts.filter(Boolean).join(" · "))),
    h("div", { class: "setting-actions" }, actions),
  );
}

/** A button that acts at its second click only; `name` and then `again` stand on it. It calms down when it loses the focus. */
export function twiceButton({ name, again, label, act }) {
  let asked = false;
  const button = h("button", { type: "button", class: "button small danger", "aria-label": label }, name);
  const calm = () => {
    asked = false;
    button.textContent = name;
    button.setAttribute("aria-label", label);
  };
  button.addEventListener("click", async () => {
    if (!asked) {
      asked = true;
      button.textContent = again;
      button.setAttribute("aria-label", `${label}: ${again}`);
      return;
    }
    button.disabled = true;
    await act();
    button.disabled = false;
    calm();
  });
  button.addEventListener("blur", calm);
  return button;
}

/** What stands in the place of an empty list. */
export function nothing(text) {
  return h("li", { class: "setting-nothing" }, text);
}

/** A day as this person writes it. */
export function dayWords(iso) {
  return new Date(iso).toLocaleDateString(document.documentElement.lang || undefined, { dateStyle: "medium" });
}

/** What stands there while a list is read, and when it cannot be. */
export function readingWords() {
  return gettext("Reading…");
}
