// Puts the page together: state, actions and views.

import { Actions } from "#chat/actions";
import { Api } from "#chat/api";
import { doEarlyClick } from "#chat/early_click";
import { SettingsActions } from "#chat/settings/settings_actions";
import { Store } from "#chat/store";
import { mountBanner } from "#chat/views/banner";
import { mountChatFacts } from "#chat/views/chat_facts";
import { mountComposer } from "#chat/views/composer";
import { mountHeader } from "#chat/views/header";
import { mountPicker } from "#chat/views/picker";
import { mountSettings } from "#chat/views/settings";
import { mountShortcuts } from "#chat/views/shortcuts";
import { mountSidebar } from "#chat/views/sidebar";
import { mountThread } from "#chat/views/thread";
import { mountToast } from "#chat/views/toast";

const config = JSON.parse(document.getElementById("page-config").textContent);
const store = new Store();
const api = new Api(config);
const settings = new SettingsActions({ store, api, config });
const picker = mountPicker({ store, settings, onKnown: () => actions.optionsKnown() });
const actions = new Actions({ store, api, config, choice: picker.choice });

mountSidebar({ store, actions });
mountHeader({ store, actions });
mountThread({ store, actions, choice: picker.choice });
mountComposer({ store, actions });
mountBanner({ store, actions, config });
mountToast({ store, actions });
mountShortcuts({ store, actions });
const openSettings = mountSettings({ store, settings, openParameters: picker.openParameters });
mountChatFacts({ store, settings, openDefaults: () => openSettings("instructions") });
settings.start();
actions.start();
doEarlyClick();
