// Usage as it is shown: the day's share of the budget, and the last days by day and by model. Pure.

/** Of UsageRead.today: {share: 0 to 1 or null without a limit, isSpent}. */
export function shareOf({ limit, used }) {
  if (limit === null) return { share: null, isSpent: false };
  return { share: Math.min(1, used / limit), isSpent: used >= limit };
}

/** Of UsageRead.days: [{day, tokens, replies}], each day once, newest first. */
export function byDay(days) {
  const found = new Map();
  for (const { day, generated_tokens, replies } of days) {
    const before = found.get(day) ?? { day, tokens: 0, replies: 0 };
    found.set(day, { day, tokens: before.tokens + generated_tokens, replies: before.replies + replies });
  }
  return [...found.values()];
}

/** Of UsageRead.days: [{name, tokens, prompt_tokens, replies}], each model once, the most used first. */
export function byModel(days) {
  const found = new Map();
  for (const { model_config_name: name, generated_tokens, prompt_tokens, replies } of days) {
    const before = found.get(name) ?? { name, tokens: 0, prompt_tokens: 0, replies: 0 };
    found.set(name, {
      name,
      tokens: before.tokens + generated_tokens,
      prompt_tokens: before.prompt_tokens + prompt_tokens,
      replies: before.replies + replies,
    });
  }
  return [...found.values()].sort((a, b) => b.tokens - a.tokens);
}
