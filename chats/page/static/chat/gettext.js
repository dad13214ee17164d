// The page's words in the person's language. The names are those that Django's makemessages looks for; the catalogue comes
// from Django's JavaScriptCatalog view when a translation is installed, and English stands in the code.

const catalogue = globalThis.django;

/** The page's language, in which Intl writes dates and numbers. */
export const language = globalThis.document?.documentElement.lang || "en";

export function gettext(text) {
  return catalogue?.gettext ? catalogue.gettext(text) : text;
}

export function ngettext(singular, plural, count) {
  if (catalogue?.ngettext) return catalogue.ngettext(singular, plural, count);
  return count === 1 ? singular : plural;
}

/** Puts values into a translated text: interpolate("%(n)s words", {n: 3}). */
export function interpolate(text, values) {
  return text.replace(/%\((\w+)\)s/g, (_, name) => String(values[name]));
}
