// The pure half of Markdown: where a growing text is cut, how its end is mended, and which HTML the parser lets through.
// The sanitizer needs a real DOM: tests/browser has its corpus of attacks.

import assert from "node:assert/strict";
import { test } from "node:test";

import { allBlocks, needsWhole, splitBlocks } from "../../chats/page/static/chat/markdown/blocks.js";
import { mend } from "../../chats/page/static/chat/markdown/mend.js";
import { parser } from "../../chats/page/static/chat/markdown/parser.js";

const LONG = `# Title

A paragraph with **bold**, \`code\` and a [link](https://example.org).
A second line of it.

1. one
   - nested

   still one
2. two

> a quote
goes on lazily

| a | b |
|---|--:|
| 1 | 2 |

\`\`\`py
def f():

    return "**not bold**"
\`\`\`

- [ ] task
- [x] done

<details><summary>more</summary>

Inside *it*.

</details>

Setext
------

The end.`;

/** Draws a text as LiveText does: character by character, each finished block once. */
function drawGrowing(text) {
  let done = 0;
  const blocks = [];
  for (let length = 1; length <= text.length; length += 1) {
    const split = splitBlocks(text.slice(done, length));
    blocks.push(...split.done);
    done += split.done.join("").length;
  }
  return [...blocks, ...allBlocks(text.slice(done))];
}

test("blocks that are finished while a text grows are the blocks of the whole text", () => {
  assert.deepEqual(drawGrowing(LONG), allBlocks(LONG));
  assert.equal(drawGrowing(LONG).join(""), LONG);
});

test("blocks drawn one by one give the HTML of the whole", () => {
  const squeeze = (html) => html.replace(/>\s+</g, "><").trim();
  assert.equal(squeeze(drawGrowing(LONG).map((block) => parser.parse(block)).join("\n")), squeeze(parser.parse(LONG)));
});

test("a paragraph is kept back while the next line might make it a heading or a table", () => {
  assert.deepEqual(splitBlocks("a | b\n-").done, []);
  assert.deepEqual(splitBlocks("a\n\nb").done, []);
  assert.deepEqual(splitBlocks("a\n\nb\n").done, ["a\n\n"]);
});

test("an open <details> holds on to what follows until it is closed", () => {
  assert.deepEqual(splitBlocks("<details>\n\nin\n\nmore\n\n").done, []);
  assert.equal(allBlocks("<details>\n\nin\n\n</details>\n\nafter").length, 2);
});

test("only a text with link definitions must be drawn whole", () => {
  assert.equal(needsWhole("see [it][1]\n\n[1]: https://example.org"), true);
  assert.equal(needsWhole(LONG), false);
});

const mended = {
  "**bo": "**bo**",
  "**bold** and *it": "**bold** and *it*",
  "**bold *both": "**bold *both***",
  "a `co": "a `co`",
  "a ``co ` de": "a ``co ` de``",
  "word **": "word ",
  "word `": "word ",
  "2 * 3 * 4": "2 * 3 * 4",
  "snake_case_name": "snake_case_name",
  "~~gone": "~~gone~~",
  "~~gone~": "~~gone~~",
  "about ~5 or ~": "about ~5 or ~",
  "**bo ": "**bo** ",
  "see [the docs": "see the docs",
  "see [the docs](https://exa": "see the docs",
  "see [the docs](https://example.org)": "see [the docs](https://example.org)",
  "text\n-": "text\n",
  "text\n- [ ]": "text\n",
  "text\n- [x": "text\n",
  "text\n- [ ] a": "text\n- [ ] a",
  "text\n1.": "text\n",
  "text\n##": "text\n",
  "text\n``": "text\n",
  "text\n--": "text\n",
  "```py\na ** b": "```py\na ** b",
  "- item\n\n  ```\n  **x": "- item\n\n  ```\n  **x",
  "```\na\n```\n\n*b": "```\na\n```\n\n*b*",
  "text\n| a | b": "text\n",
  "text\n\n| a | b |\n|--": "text\n\n",
  "| a | b |\n|---|---|\n": "| a | b |\n|---|---|\n",
  "| a | b |\n|---|---|\n| 1": "| a | b |\n|---|---|\n| 1",
  "\\*not": "\\*not",
  "text\n```p": "text\n",
  "a *b\n```p": "a *b*\n",
  "```py\nx = 1\n``": "```py\nx = 1",
  "~~~\na\n``": "~~~\na\n``",
  "so $x^2": "so ",
  "so $x^2$ and *y": "so $x^2$ and *y*",
  "so $x_{i}$ text": "so $x_{i}$ text",
  "it is $5": "it is ",
  "it is $5 in total": "it is $5 in total",
  "$5 and $6": "$5 and ",
  "$5 and $6 in all": "$5 and $6 in all",
  "set $HOME and go": "set $HOME and go",
  "so \\(a": "so ",
  "so \\": "so ",
  "text\n\n$$\na\n- b": "text\n\n",
  "text\n\n\\[\na": "text\n\n",
  "`$x` and $y$ *z": "`$x` and $y$ *z*",
  "plain.": "plain.",
};

for (const [text, wanted] of Object.entries(mended)) {
  test(`the growing end ${JSON.stringify(text)} is drawn as ${JSON.stringify(wanted)}`, () => {
    assert.equal(mend(text), wanted);
  });
}

test("HTML that is not meant for prose is shown as it was written", () => {
  assert.equal(parser.parse("Use a <div class=x> here").trim(), "<p>Use a &#60;div class=x&#62; here</p>");
  assert.equal(parser.parse("H<sub>2</sub>O<br>x").trim(), "<p>H<sub>2</sub>O<br>x</p>");
  assert.equal(parser.parse("<script>alert(1)</script>\n").includes("<script"), false);
  assert.equal(parser.parse("<b onclick=alert(1)>x</b>").includes("<b onclick"), false);
});

test("an image becomes a link: nothing is fetched because a model said so", () => {
  assert.equal(parser.parse('![a "cat"](https://example.org/c.png?a=1&b=2)').includes("<img"), false);
  assert.match(parser.parse("![cat](https://example.org/c.png)"), /<a href="https:\/\/example.org\/c.png">cat<\/a>/);
});

test("line breaks are kept, as models mean them", () => {
  assert.match(parser.parse("one\ntwo"), /one<br>two/);
});
