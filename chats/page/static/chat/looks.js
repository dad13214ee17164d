// How this browser wants the page to look: theme and size of letters, on the document's root at once, and in cookies, so that
// the server writes them into the next document (chats/page/looks.py) and its first paint is right.

const COOKIE_PREFIX = "oasst_";
const YEAR_S = 365 * 24 * 3600;

/** Look -> its values; the first one is the default. */
const LOOKS = Object.freeze({ theme: ["system", "light", "dark"], text_size: ["usual", "large", "larger"] });

/** The value in force. */
export function lookOf(name) {
  const value = document.documentElement.dataset[attributeOf(name)];
  return LOOKS[name].includes(value) ? value : LOOKS[name][0];
}

/** Shows the value now and keeps it for this browser's next visits; `base` is the site's root path. */
export function setLook(name, value, base) {
  const isDefault = value === LOOKS[name][0];
  document.documentElement.dataset[attributeOf(name)] = isDefault ? "" : value;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  const age = isDefault ? 0 : YEAR_S;
  document.cookie = `${COOKIE_PREFIX}${name}=${value}; Path=${base}; Max-Age=${age}; SameSite=Lax${secure}`;
  colourTheFrame();
}

/** The browser's own frame around the page has the page's colour, whatever the system's theme is. */
function colourTheFrame() {
  const ground = getComputedStyle(document.body).backgroundColor;
  const chosen = lookOf("theme") !== LOOKS.theme[0];
  document.querySelectorAll("meta[name=theme-color]").forEach((meta) => {
    meta.content = chosen ? ground : meta.dataset.usual;
  });
}

function attributeOf(name) {
  return name === "text_size" ? "textSize" : name;
}
