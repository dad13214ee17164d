// The way to the settings: their button, and their addresses (#settings/keys). The dialog itself is fetched when it is first
// wanted.

import { whyItFailed } from "#chat/late_module";

const DIALOG = "#chat/views/settings/settings_dialog";
const ADDRESS = /^#settings(?:\/([a-z]+))?$/;

/** Opens the settings at the button's click and where the address says so. Returns open(section). */
export function mountSettings({ store, settings, openParameters }) {
  let dialog = null;
  const open = async (section = null) => {
    dialog ??= import(DIALOG).then(({ makeSettings }) =>
      makeSettings({ store, settings, openParameters, isOurs: (address) => ADDRESS.test(address) }),
    );
    try {
      (await dialog).open(section);
    } catch (error) {
      dialog = null;
      store.dispatch({ event_type: "noticed", notice: { text: await whyItFailed(DIALOG, error), action: null } });
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
