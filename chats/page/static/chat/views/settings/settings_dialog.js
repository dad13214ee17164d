// The settings: a dialog of sections, one in sight at a time, each with an address of its own (#settings/keys).

import { h, setAttribute } from "#chat/dom";
import { gettext } from "#chat/gettext";
import { makeDialog } from "#chat/views/dialog";
import { makeAccount } from "#chat/views/settings/account";
import { makeDefaults } from "#chat/views/settings/defaults";
import { makeGeneral } from "#chat/views/settings/general";
import { makeKeys } from "#chat/views/settings/keys";
import { makePresets } from "#chat/views/settings/presets";
import { makeUsage } from "#chat/views/settings/usage";

const SECTIONS = [
  ["general", () => gettext("General"), makeGeneral],
  ["instructions", () => gettext("Instructions"), makeDefaults],
  ["presets", () => gettext("Presets"), makePresets],
  ["keys", () => gettext("API keys"), makeKeys],
  ["usage", () => gettext("Usage"), makeUsage],
  ["account", () => gettext("Account"), makeAccount],
];

/** {open(section)}; `isOurs(address)`: whether a hash is an address of the settings, which goes when they are closed. */
export function makeSettings({ store, settings, openParameters, isOurs }) {
  const made = new Map(); // section -> {element, show()}, made when it is first seen
  const panel = h("div", { class: "settings-panel", role: "tabpanel", tabindex: "-1", id: "settings-panel" });
  const tabs = SECTIONS.map(([name, title]) =>
    h(
      "button",
      { type: "button", role: "tab", id: `settings-tab-${name}`, "aria-controls": panel.id, onclick: () => choose(name) },
      title(),
    ),
  );
  const list = h("div", { class: "settings-tabs", role: "tablist", "aria-label": gettext("Settings") }, tabs);
  list.addEventListener("keydown", (event) => {
    const at = tabs.indexOf(document.activeElement);
    const back = ["ArrowUp", "ArrowLeft"].includes(event.key);
    const forth = ["ArrowDown", "ArrowRight"].includes(event.key);
    const to = { Home: 0, End: tabs.length - 1 }[event.key] ?? (back ? at - 1 : forth ? at + 1 : null);
    if (to === null || at === -1) return;
    event.preventDefault();
    const next = (to + tabs.length) % tabs.length;
    tabs[next].focus();
    choose(SECTIONS[next][0]);
  });

  const choose = (wanted) => {
    const [name, , make] = SECTIONS.find(([each]) => each === wanted) ?? SECTIONS[0];
    if (!made.has(name)) made.set(name, make({ store, settings, openParameters: () => (dialog.close(), openParameters()) }));
    const section = made.get(name);
    tabs.forEach((tab, index) => {
      const isShown = SECTIONS[index][0] === name;
      setAttribute(tab, "aria-selected", String(isShown));
      setAttribute(tab, "tabindex", isShown ? "0" : "-1");
      if (isShown) tab.scrollIntoView({ block: "nearest", inline: "nearest" });
    });
    setAttribute(panel, "aria-labelledby", `settings-tab-${name}`);
    panel.replaceChildren(section.element);
    panel.scrollTop = 0;
    history.replaceState(history.state, "", `#settings/${name}`);
    section.show();
  };
  const dialog = makeDialog({
    title: gettext("Settings"),
    kind: "sheet settings",
    content: h("div", { class: "sheet-body" }, list, panel),
    onClose: () => isOurs(location.hash) && history.replaceState(history.state, "", location.pathname + location.search),
  });
  return {
    open(section = null) {
      dialog.open();
      choose(section);
      tabs.find((tab) => tab.getAttribute("aria-selected") === "true").focus();
    },
  };
}
