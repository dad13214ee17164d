// The one door from a model's words to nodes of the page. Everything else builds nodes by hand.

import createDOMPurify from "dompurify";

const CODE_LANGUAGE = /^language-[\w+#.-]{1,40}$/;
const HIGHLIGHT_CLASS = /^(?:hljs[\w-]*|language_|function_|class_|inherited__|constant_|escape_|invoke__)$/;
const SAFE_LINK = /^(?:https?:|mailto:)/i;

const purifier = createDOMPurify(window);

purifier.addHook("uponSanitizeAttribute", (node, data) => {
  if (data.attrName !== "class") return;
  const allowed = node.nodeName === "CODE" ? CODE_LANGUAGE : HIGHLIGHT_CLASS;
  data.attrValue = data.attrValue.split(/\s+/).filter((name) => allowed.test(name)).join(" ");
  data.keepAttr = data.attrValue !== "";
});

purifier.addHook("afterSanitizeAttributes", (node) => {
  if (node.nodeName === "A") makeSafeLink(node);
  if (node.nodeName === "INPUT") makeTaskBox(node);
});

const PROSE = {
  ALLOWED_TAGS: [
    ..."a b blockquote br code del details em h1 h2 h3 h4 h5 h6 hr i input ins kbd li mark ol p pre s small".split(" "),
    ..."strong sub summary sup table tbody td th thead tr u ul".split(" "),
  ],
  ALLOWED_ATTR: ["href", "title", "class", "start", "align", "type", "checked", "disabled"],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  ALLOWED_URI_REGEXP: SAFE_LINK,
  ADD_URI_SAFE_ATTR: ["align", "start", "type"], // whose values are no addresses
  RETURN_DOM_FRAGMENT: true,
};

const HIGHLIGHTED = {
  ALLOWED_TAGS: ["span"],
  ALLOWED_ATTR: ["class"],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
};

const MATHML = { USE_PROFILES: { mathMl: true }, FORBID_TAGS: ["annotation"], FORBID_CONTENTS: ["annotation"], RETURN_DOM_FRAGMENT: true };

/** Nodes of rendered Markdown, in a fragment: no script, style, form, frame or remote load; links open safely. */
export function sanitizeProse(html) {
  return purifier.sanitize(html, PROSE);
}

/** Nodes of highlighted code: text and spans with the highlighter's classes. */
export function sanitizeHighlighted(html) {
  return purifier.sanitize(html, HIGHLIGHTED);
}

/** A formula's MathML, without the attributes that only give it a look. */
export function sanitizeMathML(html) {
  return purifier.sanitize(html, MATHML);
}

function makeSafeLink(link) {
  if (!link.hasAttribute("href")) return;
  link.setAttribute("target", "_blank");
  link.setAttribute("rel", "noopener noreferrer nofollow");
  link.setAttribute("referrerpolicy", "no-referrer");
}

function makeTaskBox(input) {
  if (input.getAttribute("type") !== "checkbox") input.remove();
  else input.setAttribute("disabled", "");
}
