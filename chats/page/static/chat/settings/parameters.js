// The parameters of a reply: what values each may have, and how a preset and a person's own changes become one set. Pure.
// The ranges are the server's (inference/parameters.py); tests/contract/parameters.json is held against both.

/**
 * In the order in which they are shown. `above` excludes, `least` and `most` include; `nullable`: it can be off, or for the
 * seed: drawn anew. `slider`: [from, to, step] of what is useful; the field itself takes all that is allowed.
 */
export const PARAMETERS = Object.freeze({
  temperature: { kind: "number", above: 0, default: 1.0, nullable: true, slider: [0.05, 2, 0.05] },
  top_p: { kind: "number", above: 0, most: 1, default: 0.9, nullable: true, slider: [0.05, 1, 0.05] },
  top_k: { kind: "integer", least: 1, most: 2 ** 31 - 1, default: 50, nullable: true, slider: [1, 200, 1] },
  typical_p: { kind: "number", above: 0, most: 1, default: null, nullable: true, slider: [0.05, 1, 0.05] },
  repetition_penalty: { kind: "number", above: 0, default: null, nullable: true, slider: [1, 2, 0.05] },
  max_new_tokens: { kind: "integer", least: 1, most: 2 ** 31 - 1, default: 100, nullable: false, slider: [1, 4096, 1] },
  seed: { kind: "integer", least: 0, most: 2 ** 53 - 1, default: null, nullable: true },
});

export const NAMES = Object.freeze(Object.keys(PARAMETERS));

/**
 * What somebody typed for a parameter: {value}, null when it is off, or {problem: "empty" | "number" | "whole" | "low" | "high",
 * rule}. A comma is a decimal point, too. `model`: of ModelConfigRead; its length bounds the reply's.
 */
export function read(name, text, model = null) {
  const rule = ruleFor(name, model);
  const typed = text.trim().replace(",", ".");
  if (typed === "") return rule.nullable ? { value: null } : { problem: "empty", rule };
  const value = Number(typed);
  if (!/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(typed) || !Number.isFinite(value)) return { problem: "number", rule };
  if (rule.kind === "integer" && !Number.isInteger(value)) return { problem: "whole", rule };
  if (value < (rule.least ?? -Infinity) || value <= (rule.above ?? -Infinity)) return { problem: "low", rule };
  if (value > (rule.most ?? Infinity)) return { problem: "high", rule };
  return { value };
}

/** The rule of a parameter for this model: a reply must leave room for a prompt. */
export function ruleFor(name, model = null) {
  const rule = PARAMETERS[name];
  if (name !== "max_new_tokens" || !model?.max_total_length) return rule;
  const most = model.max_total_length - 1;
  return { ...rule, most, slider: [1, most, 1] };
}

/** A value as it is written into its field. */
export function write(value) {
  return value === null || value === undefined ? "" : String(value);
}

/** All parameters of a preset, as this model can keep them: its length fits, what it does not name is the server's default. */
export function valuesOf(preset, model = null) {
  const given = { ...preset?.sampling_parameters, seed: preset?.seed ?? null };
  const values = Object.fromEntries(NAMES.map((name) => [name, given[name] === undefined ? PARAMETERS[name].default : given[name]]));
  const most = model?.max_total_length ? Math.floor(model.max_total_length / 2) : Infinity;
  return { ...values, max_new_tokens: Math.min(values.max_new_tokens, most) };
}

/** The preset's parameters with a person's changes {name: value}; changes that this model cannot keep are left out. */
export function merged(preset, changes, model = null) {
  const fitting = Object.entries(changes ?? {}).filter(([name, value]) => isAllowed(name, value, model));
  return { ...valuesOf(preset, model), ...Object.fromEntries(fitting) };
}

/** The changes once `name` is `value`: a value that is the preset's own is no change. */
export function changed(changes, name, value, preset, model = null) {
  const { [name]: _before, ...others } = changes ?? {};
  return value === valuesOf(preset, model)[name] ? others : { ...others, [name]: value };
}

/** The fields of a command or a preset: {sampling_parameters, seed}. */
export function asFields(values) {
  const { seed, ...sampling } = values;
  return { sampling_parameters: sampling, seed };
}

function isAllowed(name, value, model) {
  if (!Object.hasOwn(PARAMETERS, name)) return false;
  const found = read(name, write(value), model);
  return found.problem === undefined && found.value === value;
}
