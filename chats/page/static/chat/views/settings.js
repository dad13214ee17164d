// The way to the settings: their button, and their addresses (#settings/keys). The dialog itself is fetched when it is first
// wanted.

import { gettext } from "#chat/gettext";

const ADDRESS = /^#settings(?:\/([a-z]+))?$/;

/** Opens the settings at the button's click and where the address says so. Returns open(section). */
export function mountSettings({ store, settings, openParameters }) {
  let dialog = null;
  const open = async (section = null) => {
    dialog ??= import("#chat/views/settings/settings_dialog").then(({ makeSettings }) =>
      makeSettings({ store, settings, openParameters, isOurs: (address) => ADDRESS.test(address) }),
    );
    try {
      (await dialog).open(section);
    } catch {
      dialog = null;
      store.dispatch({ event_type: "noticed", notice: { text: gettext("The server cannot be reached."), action: null } });
    }
  };
  const follow = () => {
    const found = ADDRESS.exec(location.hash);
    if (found) open(found[1]);
  };
  document.getElementById("settings-button").addEventListener("click", () => open());
  addEventListener("hashchange", follow);
  follow();
  return open;
}
