// Which model answers next and with which preset: a button in the composer that opens a panel of choices.

import { h, setAttribute, setText } from "#chat/dom";
import { gettext } from "#chat/gettext";
import { icon } from "#chat/icons";
import { keep, recall } from "#chat/kept";

/** Mounts the picker; `choice()` gives the fields for a prompt or a regenerate command. */
export function mountPicker({ store }) {
  const button = document.getElementById("picker-button");
  const panel = document.getElementById("picker");
  let modelName = recall("model");
  let presets = recall("presets", {}); // {model name: preset name}
  let drawn = null;

  const model = () => store.state.models.items.find(({ name }) => name === modelName) ?? store.state.models.items[0];
  const preset = () => {
    const all = model()?.parameter_configs ?? [];
    return all.find(({ name }) => name === presets[model().name]) ?? all[0];
  };

  const chooseModel = (name) => {
    modelName = name;
    keep("model", name);
    draw();
  };
  const choosePreset = (name) => {
    presets = { ...presets, [model().name]: name };
    keep("presets", presets);
    draw();
  };

  const draw = () => {
    const current = model();
    const chosen = preset();
    const label = button.querySelector(".picker-label");
    setText(label, current ? current.name : store.state.models.status === "failed" ? gettext("No models") : "…");
    setText(button.querySelector(".picker-preset"), chosen ? chosen.name : "");
    setAttribute(button, "aria-label", current ? `${gettext("Model")}: ${current.name}${chosen ? `, ${chosen.name}` : ""}` : null);
    setAttribute(button, "disabled", !current);
    if (!current) return;
    const focused = panel.contains(document.activeElement) ? document.activeElement.id : null;
    panel.replaceChildren(
      choices({
        legend: gettext("Model"),
        group: "model",
        options: store.state.models.items,
        chosen: current.name,
        choose: chooseModel,
      }),
    );
    if (current.parameter_configs?.length) {
      panel.append(
        choices({
          legend: gettext("Preset"),
          group: "preset",
          options: current.parameter_configs,
          chosen: chosen.name,
          choose: choosePreset,
        }),
      );
    }
    if (focused) document.getElementById(focused)?.focus();
  };

  panel.addEventListener("toggle", (event) => {
    setAttribute(button, "aria-expanded", String(event.newState === "open"));
    if (event.newState === "open") panel.querySelector("input:checked")?.focus();
  });
  panel.addEventListener("beforetoggle", (event) => {
    if (event.newState !== "open") return;
    const at = button.getBoundingClientRect();
    panel.style.setProperty("--left", `${at.left}px`);
    panel.style.setProperty("--bottom", `${innerHeight - at.top + 8}px`);
  });

  store.watch(({ models }) => {
    if (models === drawn) return;
    drawn = models;
    draw();
  });

  return {
    choice() {
      const sampling = preset()?.sampling_parameters;
      return { model_config_name: model()?.name ?? modelName, ...(sampling ? { sampling_parameters: sampling } : {}) };
    },
  };
}

function choices({ legend, group, options, chosen, choose }) {
  return h(
    "fieldset",
    { class: `choices choices-${group}` },
    h("legend", {}, legend),
    options.map(({ name, description }) => {
      const id = `${group}-${name.replace(/\W/g, "_")}`;
      const input = h("input", { type: "radio", name: group, id, value: name, onchange: () => choose(name) });
      input.checked = name === chosen;
      return h(
        "label",
        { class: "choice", for: id },
        input,
        h("span", { class: "choice-text" }, h("span", { class: "choice-name" }, name), h("small", {}, description ?? "")),
        h("span", { class: "choice-mark" }, icon("check")),
      );
    }),
  );
}
