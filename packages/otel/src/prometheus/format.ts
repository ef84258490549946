/** A label's name as Prometheus allows it: `gen_ai.request.model` is `gen_ai_request_model`. */
export function labelName(name: string): string {
  const safe = name.replaceAll(/[^a-zA-Z0-9_]/g, "_");
  return /^\d/.test(safe) ? `_${safe}` : safe;
}

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", '"': '\\"' };

/** A label's value between its quotes: nothing in it can end the line or the value. */
export function labelValue(value: string): string {
  return value.toWellFormed().replaceAll(/[\\\n"]/g, (found) => ESCAPES[found] as string);
}

/** Help texts escape quotes in OpenMetrics only; ours have none. */
export function helpText(help: string): string {
  return help.replaceAll(/[\\\n]/g, (found) => ESCAPES[found] as string);
}

/** A number as both formats read it. */
export function sampleValue(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  if (value === Number.NEGATIVE_INFINITY) return "-Inf";
  return String(value);
}

/**
 * A bucket's upper bound. Canonical floats (`1.0`) in both formats: a bound that changed its
 * spelling with the format would be another series.
 */
export function boundValue(bound: number): string {
  return Number.isInteger(bound) && bound < 1e15 ? `${bound}.0` : sampleValue(bound);
}
