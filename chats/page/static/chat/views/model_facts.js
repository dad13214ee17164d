// The line below a model's description: how much it holds, and how well it is served now; changed in place.

import { h, setAttribute, setText } from "#chat/dom";
import { gettext, interpolate } from "#chat/gettext";
import { lengthWords, servedWords } from "#chat/settings/words";

/** {element, update(now)}: `now` is the model's AvailabilityRead, or undefined. */
export function modelFacts(model) {
  const served = h("span", { class: "served" });
  const facts = [interpolate(gettext("%(length)s of context"), { length: lengthWords(model.max_total_length) })];
  if (model.reasoning) facts.push(gettext("thinks first"));
  const element = h("small", { class: "model-facts" }, h("span", {}, facts.join(" · ")), served);
  return {
    element,
    update(now) {
      const { tone, text } = servedWords(now);
      setAttribute(served, "data-tone", tone);
      setAttribute(served, "hidden", text === "");
      setText(served, text);
    },
  };
}
