// A reasoning model's thoughts, folded above its reply: there for whoever wants to read them.

import { h, setText } from "#chat/dom";
import { gettext } from "#chat/gettext";
import { LiveText } from "#chat/markdown/live_text";

/** `update(text, thinking)`: `thinking` while the reply itself has not begun. Drawn only while it is unfolded. */
export function makeThoughts() {
  const words = h("span", {});
  const prose = h("div", { class: "prose", dir: "auto" });
  const live = new LiveText(prose);
  const pulse = h("span", { class: "pulse", "aria-hidden": "true" });
  let shown = "";
  let growing = false;
  const draw = () => element.open && live.show(shown, !growing);
  const element = h("details", { class: "thoughts", hidden: true, ontoggle: draw }, h("summary", {}, pulse, words), prose);
  return {
    element,
    update(text, thinking) {
      shown = text;
      growing = thinking;
      element.hidden = text === "";
      pulse.hidden = !thinking;
      setText(words, thinking ? gettext("Thinking…") : gettext("Thoughts"));
      draw();
    },
  };
}
