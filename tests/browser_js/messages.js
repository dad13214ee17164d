// Makes messages as the server sends them, for the tests of the pure modules.

let clock = 0;

/** A message; later ones are younger. */
export function message(id, parentId, role, fields = {}) {
  clock += 1;
  return {
    id,
    parent_id: parentId,
    chat_id: "chat",
    role,
    state: role === "prompter" ? "manual" : "complete",
    content: `text of ${id}`,
    created_at: new Date(clock * 1000).toISOString(),
    ...fields,
  };
}

export const prompt = (id, parentId, fields) => message(id, parentId, "prompter", fields);
export const reply = (id, parentId, fields) => message(id, parentId, "assistant", fields);
export const byId = (...messages) => Object.fromEntries(messages.map((one) => [one.id, one]));
