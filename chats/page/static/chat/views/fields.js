// Fields of forms: a label, what is to be written there, a hint below, and what is wrong with it, said at the field.

import { h, setAttribute, setText } from "#chat/dom";
import { gettext, interpolate } from "#chat/gettext";

const TEXT_ROWS = 3;

/**
 * A labelled field: {element, input, help, complain(text)}; an empty complaint takes it away. `hint` stands below, in `help`.
 * `shown` is what stands there of the input, when that is more than the input itself; `extra` stands beside the label.
 */
export function field({ id, label, input, shown = input, hint = "", extra = null }) {
  const help = h("p", { class: "entry-hint", id: `${id}-hint` }, hint);
  const wrong = h("p", { class: "entry-wrong", id: `${id}-wrong`, role: "alert", hidden: true });
  setAttribute(input, "id", id);
  setAttribute(input, "aria-describedby", `${id}-wrong ${id}-hint`);
  const element = h("div", { class: "entry" }, h("div", { class: "entry-head" }, h("label", { for: id }, label), extra), shown, wrong, help);
  return {
    element,
    input,
    help,
    complain(text) {
      setText(wrong, text);
      setAttribute(wrong, "hidden", text === "");
      setAttribute(input, "aria-invalid", text === "" ? null : "true");
    },
  };
}

/** A long text that knows how much of `most` characters is left: as `field`. */
export function textField({ id, label, hint, most, placeholder = "" }) {
  const input = h("textarea", { rows: TEXT_ROWS, dir: "auto", placeholder, class: "input" });
  const left = h("span", { class: "entry-count" });
  const made = field({ id, label, input, hint, extra: left });
  const check = () => {
    const { length } = [...input.value];
    setText(left, length > most * 0.8 ? `${length} / ${most}` : "");
    made.complain(length > most ? interpolate(gettext("%(n)s characters; at most %(most)s are possible."), { n: length, most }) : "");
    return length <= most;
  };
  input.addEventListener("input", check);
  return { ...made, check };
}

/** A switch with words beside it: {element, input}. */
export function checkField({ id, label, hint = "" }) {
  const input = h("input", { type: "checkbox", id, class: "check", "aria-describedby": hint ? `${id}-hint` : null });
  const words = h("label", { for: id }, label);
  const help = hint && h("p", { class: "entry-hint", id: `${id}-hint` }, hint);
  return { input, element: h("div", { class: "entry check-field" }, input, h("div", {}, words, help)) };
}

/** One of few, all of them in sight: {element, value}. `options`: [[value, name]]; `choose(value)` is called on a change. */
export function segments({ id, label, options, value, choose, hint = "" }) {
  const inputs = options.map(([each]) => h("input", { type: "radio", name: id, id: `${id}-${each}`, value: each, onchange: () => choose(each) }));
  inputs.forEach((input) => (input.checked = input.value === value));
  const parts = options.map(([each, name], index) => h("label", { class: "segment", for: `${id}-${each}` }, inputs[index], h("span", {}, name)));
  return h("fieldset", { class: "entry segments-field" }, h("legend", {}, label), h("div", { class: "segments" }, parts), hint && h("p", { class: "entry-hint" }, hint));
}

/** What came of the last attempt to save: {element, say(text), complain(text)}. It is read out. */
export function outcome() {
  const element = h("p", { class: "outcome", role: "status" });
  const set = (text, isError) => {
    setAttribute(element, "data-error", isError);
    setText(element, text);
  };
  return { element, say: (text) => set(text, false), complain: (text) => set(text, true) };
}

/** Runs `work` with `button` disabled; a failure is said in `result` (or at the field it names, of `fields`). True when it went well. */
export async function submitting({ button, result, fields = {}, work }) {
  button.disabled = true;
  result.say("");
  Object.values(fields).forEach((each) => each.complain(""));
  try {
    await work();
    return true;
  } catch (error) {
    const name = error.field?.split(".").at(-1);
    if (fields[name]) {
      fields[name].complain(error.message);
      fields[name].input.focus();
    } else {
      result.complain(error.message);
    }
    return false;
  } finally {
    button.disabled = false;
  }
}
