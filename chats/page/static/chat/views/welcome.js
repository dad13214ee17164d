// The empty page: a greeting, and questions that the demo model can answer.

import { h, setAttribute, setText } from "#chat/dom";
import { gettext } from "#chat/gettext";

const DEMO_MODEL = "demo"; // answers out of this project's own documentation

export function makeWelcome({ actions, choice }) {
  const questions = [
    "How do I add a GPU worker?",
    "What happens to a reply when its worker dies?",
    "Which settings are there?",
  ];
  const suggestions = h(
    "div",
    { class: "suggestions", lang: "en" }, // as are the documents that answer
    questions.map((question) => h("button", { type: "button", class: "suggestion", onclick: () => actions.ask(question) }, question)),
  );
  const hint = h("p", {});
  const element = h("div", { class: "empty welcome" }, h("h1", {}, gettext("What would you like to know?")), hint, suggestions);
  return {
    element,
    update({ models }) {
      const isDemo = choice()?.model_config_name === DEMO_MODEL;
      setAttribute(suggestions, "hidden", !isDemo);
      setText(hint, modelHint(models, isDemo));
    },
  };
}

function modelHint(models, isDemo) {
  if (models.status === "failed") return gettext("The list of models could not be read. Reload the page to try again.");
  if (isDemo) return gettext("The demo model is no language model: it answers out of this project’s documentation.");
  return "";
}
