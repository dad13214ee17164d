// Markdown to HTML text, which is not yet safe: only sanitize.js may turn it into nodes. GitHub's dialect, with line breaks
// kept, as models mean them. Pure.

import { Marked } from "marked";

import { escape } from "#chat/markdown/escape";
import { mathExtension } from "#chat/markdown/math_extension";

// HTML that models write in prose on purpose, without attributes. Any other tag is shown as it was written: somebody asks
// about <div>, the model forgets the backticks, and the answer must not lose its words.
const KEPT_TAG = /^<\/?(?:br|hr|b|i|em|strong|u|s|del|ins|mark|small|sub|sup|kbd|details|summary)\s*\/?>$/i;

const dialect = {
  gfm: true,
  breaks: true,
  renderer: {
    html({ text }) {
      return text.replace(/<!--[^]*?-->/g, "").replace(/<[^<>]*>|[<>]/g, (part) => (KEPT_TAG.test(part) ? part : escape(part)));
    },
    // An image would be a request to a stranger's host, made by a model's words: a link leaves that to the reader.
    image({ href, text, title }) {
      const label = text || title || href;
      return `<a href="${escape(href)}">${escape(label)}</a>`;
    },
  },
};

export const parser = new Marked(dialect, mathExtension);
