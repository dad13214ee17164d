// What is a formula and what is not, and how formulas go through the parser.

import assert from "node:assert/strict";
import { test } from "node:test";

import { allBlocks, splitBlocks } from "../../chats/page/static/chat/markdown/blocks.js";
import { formulaAt, isSurelyFormula, openFormula } from "../../chats/page/static/chat/markdown/math_syntax.js";
import { parser } from "../../chats/page/static/chat/markdown/parser.js";

const formulasOf = (text) =>
  [...parser.parse(text).matchAll(/<code class="language-tex-formula">(.*?)<\/code>/gs)].map(([, raw]) =>
    raw.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code)),
  );

const found = {
  "so $x^2$ is": ["$x^2$"],
  "$a$ and $b$, $c$.": ["$a$", "$b$", "$c$"],
  "so $$x$$ is": ["$$x$$"],
  "so \\(x + y\\) is": ["\\(x + y\\)"],
  "so \\[x\\] is": ["\\[x\\]"],
  "$$\na\n+ b\n- c\n$$": ["$$\na\n+ b\n- c\n$$"],
  "text\n$$\nx\n$$\nmore": ["$$\nx\n$$"],
  "\\[\n\\begin{aligned}\na &= b \\\\\n&= c\n\\end{aligned}\n\\]": [
    "\\[\n\\begin{aligned}\na &= b \\\\\n&= c\n\\end{aligned}\n\\]",
  ],
  "- in a list $x_1$\n\n  $$\n  y\n  $$": ["$x_1$", "$$\ny\n$$"],
  "| a |\n|---|\n| $x$ |": ["$x$"],
  "*see $a*b$ now*": ["$a*b$"],
  "$\\$5$": ["$\\$5$"],
  "$x$ costs $5": ["$x$"],
  "**$x$**": ["$x$"],
};

const none = [
  "$5 and $6",
  "$5-$6",
  "It costs $20 in May and he has 30$.",
  "US$5 and US$6",
  "set $HOME and $PATH",
  "`$x$`",
  "``a $x$ b``",
  "```\n$x$\n```",
  "    $x$",
  "\\$x\\$",
  "$ x $",
  "$x\n\ny$",
  "$$",
  "$$$$",
  "$$ $$",
  "a \\( b",
  "echo $A$B",
];

for (const [text, formulas] of Object.entries(found)) {
  test(`${JSON.stringify(text)} holds formulas`, () => assert.deepEqual(formulasOf(text), formulas));
}

for (const text of none) {
  test(`${JSON.stringify(text)} holds none`, () => assert.deepEqual(formulasOf(text), []));
}

test("a formula keeps its words as they are: no emphasis, no entities, no links", () => {
  assert.deepEqual(formulasOf("$a_1 * b_2 * c$ <b>"), ["$a_1 * b_2 * c$"]);
  assert.equal(formulaAt("$x < y$").tex, "x < y");
  assert.equal(parser.parse("$<script>$").includes("<script"), false);
});

test("a displayed formula that is being written is no list and no heading, and no block before it is done too early", () => {
  assert.deepEqual(splitBlocks("before\n\n$$\na\n- b\n"), { done: ["before\n\n"], rest: "$$\na\n- b\n" });
  assert.deepEqual(splitBlocks("$$\na\n$$\nafter\n"), { done: ["$$\na\n$$\n"], rest: "after\n" });
  assert.equal(allBlocks("x\n$$\na\n").join(""), "x\n$$\na\n");
});

test("dashes under a displayed formula are a rule, and make a heading of other lines as ever", () => {
  const html = parser.parse("text\n$$\nx\n$$\n---\nafter\n");
  assert.match(html, /<p>text<\/p>\n<p><code.*<\/code><\/p>\n<hr>\n<p>after<\/p>/s);
  assert.match(parser.parse("text $x$\n---\n"), /<h2>text <code/);
});

test("an indented start of a formula that is none loses nothing", () => {
  const text = "a\n\n  $$\n$$\nb\n";
  assert.equal(allBlocks(text).join(""), text);
  assert.deepEqual(parser.parse(text).match(/\$\$|[ab](?=<)/g), ["a", "$$", "$$", "b"]);
});

test("only what is surely a formula fetches its renderer ahead", () => {
  assert.equal(openFormula("it costs $5"), 9);
  assert.equal(isSurelyFormula("$5"), false);
  assert.equal(isSurelyFormula("$x^2"), true);
  assert.equal(isSurelyFormula("\\[ a"), true);
});
