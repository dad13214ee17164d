// A button that shows what is chosen and opens a panel to choose another: a popover of radio buttons, so that arrow keys,
// Escape and a click elsewhere do what they do everywhere.

import { h, setAttribute, setText } from "#chat/dom";
import { icon } from "#chat/icons";

const GAP_PX = 8;

/**
 * `button` and `panel` are connected by popovertarget; `title` names the choice; `onopen` is called whenever the panel opens,
 * `onclose` when it closes. Returns draw({groups: [{title, options: [{key, name, description, facts}]}], chosen: a key, label: what the
 * button shows, choose(key), foot: nodes, filter: the name of a field that narrows the list, or null}); `facts` is a node below the
 * description; the chosen one's description is the button's tooltip. Without options the button is hidden.
 */
export function mountChoicePanel({ button, panel, title, onopen = () => {}, onclose = () => {} }) {
  panel.addEventListener("beforetoggle", ({ newState }) => {
    if (newState !== "open") return;
    const at = button.getBoundingClientRect();
    const rtl = document.documentElement.dir === "rtl";
    panel.style.setProperty("--start", `${rtl ? document.documentElement.clientWidth - at.right : at.left}px`);
    panel.style.setProperty("--bottom", `${innerHeight - at.top + GAP_PX}px`);
  });
  panel.addEventListener("toggle", ({ newState }) => {
    setAttribute(button, "aria-expanded", String(newState === "open"));
    if (newState === "open") {
      panel.querySelector("input:checked")?.focus();
      onopen();
    } else {
      onclose();
    }
  });

  return function draw({ groups, chosen, label, choose, foot = [], filter = null }) {
    const hadFocus = panel.contains(document.activeElement) ? document.activeElement.id : null;
    const filled = groups.filter(({ options }) => options.length > 0);
    setAttribute(button, "hidden", filled.length === 0);
    setText(button.querySelector(".picker-label"), label ?? "");
    setAttribute(button, "aria-label", `${title}: ${label}`);
    const option = filled.flatMap(({ options }) => options).find(({ key }) => key === chosen);
    setAttribute(button, "title", option?.description || null);
    const sets = filled.map((group, index) =>
      h(
        "fieldset",
        { class: "choices" },
        h("legend", {}, group.title),
        group.options.map((option, at) => choiceRow({ option, id: `${panel.id}-${index}-${at}`, group: panel.id, chosen, choose })),
      ),
    );
    panel.replaceChildren(...(filter ? [filterField(panel, sets, filter)] : []), ...sets, ...foot);
    if (hadFocus !== null) (document.getElementById(hadFocus) ?? panel.querySelector("input:checked"))?.focus();
  };
}

/** A field whose words the rows that are shown must all have. */
function filterField(panel, sets, name) {
  const input = h("input", { type: "search", class: "input", id: `${panel.id}-filter`, placeholder: name, "aria-label": name, autocomplete: "off" });
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const set of sets) {
      const rows = [...set.querySelectorAll(".choice")];
      for (const row of rows) row.hidden = !words.every((word) => row.textContent.toLowerCase().includes(word));
      set.hidden = rows.every((row) => row.hidden);
    }
  });
  input.addEventListener("keydown", (event) => {
    const first = panel.querySelector(".choice:not([hidden]) input");
    if (!["Enter", "ArrowDown"].includes(event.key) || !first) return;
    event.preventDefault();
    first.focus();
    if (event.key === "Enter") first.click();
  });
  return h("div", { class: "choice-filter" }, input);
}

function choiceRow({ option, id, group, chosen, choose }) {
  const input = h("input", { type: "radio", name: group, id, value: option.key, onchange: () => choose(option.key) });
  input.checked = option.key === chosen;
  return h(
    "label",
    { class: "choice", for: id },
    input,
    h(
      "span",
      { class: "choice-text" },
      h("span", { class: "choice-name" }, option.name),
      option.description && h("small", {}, option.description),
      option.facts,
    ),
    h("span", { class: "choice-mark" }, icon("check")),
  );
}
