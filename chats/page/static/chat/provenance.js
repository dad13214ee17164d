// Where a reply came from, as facts with names. Pure.

import { gettext, interpolate, language, ngettext } from "#chat/gettext";
import { duration } from "#chat/words";

const GIB = 2 ** 30;

const tenths = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/**
 * Facts about where a reply came from, in the order they are shown: [[name, value]]. Only those that are known. `details` is
 * what the server's provenance endpoint adds to the message, or null.
 */
export function provenance(message, details = null) {
  const seconds = (from, to) => (from && to ? (Date.parse(to) - Date.parse(from)) / 1000 : null);
  const waited = seconds(message.created_at, message.work_begin_at);
  const first = seconds(message.work_begin_at, message.first_token_at);
  const writing = seconds(message.first_token_at, message.work_end_at);
  const tokens = message.generated_tokens;
  const facts = [
    [gettext("Model"), message.model_config_name ?? message.work_parameters?.model_config?.model_id],
    [gettext("Worker"), message.worker_name],
    [gettext("GPU"), gpuWords(details?.worker?.hardware?.gpus ?? [])],
    [gettext("Waited"), waited === null ? null : precise(waited)],
    [gettext("First token after"), first === null ? null : precise(first)],
    [gettext("Tokens"), tokens],
    [gettext("Speed"), tokens && writing > 0.05 ? interpolate(gettext("%(n)s tokens/s"), { n: Math.round(tokens / writing) }) : null],
    [gettext("Seed"), message.work_parameters?.seed],
    [gettext("Taken up again"), message.resumptions?.length ? timesAgain(message.resumptions.length) : null],
    [gettext("Left out"), message.omitted_messages ? leftOut(message.omitted_messages) : null],
  ];
  return facts.filter(([, value]) => value !== null && value !== undefined && value !== "");
}

function timesAgain(count) {
  return interpolate(ngettext("%(n)s time, after a fault", "%(n)s times, after faults", count), { n: count });
}

function leftOut(count) {
  return interpolate(ngettext("the oldest message", "the %(n)s oldest messages", count), { n: count });
}

function precise(seconds) {
  if (seconds < 0.1) return gettext("less than 0.1 s");
  return seconds < 10 ? interpolate(gettext("%(n)s s"), { n: tenths.format(seconds) }) : duration(seconds);
}

/** "2 × NVIDIA H100 80GB HBM3 (80 GiB)": the GPUs of a worker's machine, the same ones together. */
function gpuWords(gpus) {
  const counts = new Map();
  for (const { name, total_memory: bytes } of gpus) {
    const words = bytes ? `${name} (${Math.round(bytes / GIB)} GiB)` : name;
    counts.set(words, (counts.get(words) ?? 0) + 1);
  }
  return [...counts].map(([words, count]) => (count > 1 ? `${count} × ${words}` : words)).join(", ");
}
