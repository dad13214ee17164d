// What stands over a chat: its instructions and whether its data may be used; of the open chat, or of the one to come. Pure.

export const INSTRUCTIONS = Object.freeze(["system_prompt", "user_profile", "user_response_instructions"]);

const NOTHING = Object.freeze({ allow_data_use: true, system_prompt: "", user_profile: "", user_response_instructions: "" });

/** {allow_data_use, system_prompt, user_profile, user_response_instructions} in force, of the page's state. */
export function factsInForce({ chat, preferences, newChat }) {
  const known = chat ? chat : { ...preferences, ...newChat };
  return Object.fromEntries(Object.keys(NOTHING).map((name) => [name, known[name] ?? NOTHING[name]]));
}

/** Whether they are known: an open chat that was only seen in the list does not tell them. */
export function factsKnown({ chat, preferences, phase }) {
  if (phase === "missing") return false;
  return chat ? chat.system_prompt !== undefined : preferences !== null;
}

/** Whether a model is told something before the messages. */
export function hasInstructions(facts) {
  return INSTRUCTIONS.some((name) => (facts[name] ?? "").trim() !== "");
}

/** Those of `facts` that differ from `before`. */
export function differing(facts, before) {
  return Object.fromEntries(Object.entries(facts).filter(([name, value]) => value !== before[name]));
}
