import type { KillLevel, KillTarget, SourcedKill } from "@burnrate/core";

/**
 * Reads a kill that a person wrote in a hurry. Nothing, `1`, `true` or `everything` stops
 * everything; `{ "target": …, "level": …, "reason": …, "by": … }` says it precisely; any other text
 * is the reason for stopping everything.
 */
export function readKill(text: string, by: string, id: string): SourcedKill {
  const written = text.trim();
  const all: SourcedKill = {
    id,
    target: "everything",
    level: "abort",
    reason: `pulled by ${by}`,
    by,
  };
  if (written === "" || /^(1|true|everything)$/i.test(written)) return all;
  if (!written.startsWith("{")) return { ...all, reason: written };
  try {
    const given = JSON.parse(written) as Readonly<Record<string, unknown>>;
    // What makes no sense is judged by the guard: it stops everything then.
    return {
      id,
      target: (given["target"] ?? "everything") as KillTarget,
      level: (given["level"] ?? "abort") as KillLevel,
      reason: (given["reason"] ?? all.reason) as string,
      by: (given["by"] ?? by) as string,
    };
  } catch {
    return { ...all, reason: `${by} holds no valid JSON, which stops everything` };
  }
}
