const MAX_DEPTH = 8;
/** What errors call the response that they tell of: the last two in clients of AWS and Cohere. */
const RESPONSES = ["response", "$response", "rawResponse"] as const;

/**
 * How long a provider asks to stay away, in milliseconds, from the headers that an error carries,
 * or one that it wraps, whatever library threw it: `retry-after-ms`, or `Retry-After` in seconds or
 * as a date, which is compared with `wallMs`. Undefined when it does not ask; never throws.
 * @see https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function retryAfterOf(error: unknown, wallMs: number): number | undefined {
  let current = error;
  for (let depth = 0; depth < MAX_DEPTH && isObject(current); depth++) {
    for (const headers of headersOf(current)) {
      const waitMs = isObject(headers) ? waitOf(headers, wallMs) : undefined;
      if (waitMs !== undefined) return waitMs;
    }
    current = read(current, "cause") ?? read(current, "lastError");
  }
  return undefined;
}

function headersOf(error: object): unknown[] {
  const ofResponses = RESPONSES.map((name) => {
    const response = read(error, name);
    return isObject(response) ? read(response, "headers") : undefined;
  });
  return [read(error, "responseHeaders"), read(error, "headers"), ...ofResponses];
}

function waitOf(headers: object, wallMs: number): number | undefined {
  const exact = toNumber(header(headers, "retry-after-ms", "Retry-After-Ms"));
  if (exact !== undefined) return exact;
  const text = header(headers, "retry-after", "Retry-After");
  const seconds = toNumber(text);
  if (seconds !== undefined) return seconds * 1_000;
  if (text === undefined || text.length > 40) return undefined;
  const waitMs = Date.parse(text) - wallMs;
  return waitMs > 0 ? waitMs : undefined;
}

function toNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,12}(\.\d{1,6})?$/.test(text) ? Number(text) : undefined;
}

/** From a `Headers` object or a plain one. */
function header(headers: object, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    try {
      const get = (headers as { get?: unknown }).get;
      const value: unknown =
        typeof get === "function" ? get.call(headers, name) : read(headers, name);
      if (typeof value === "string" || typeof value === "number") return String(value).trim();
    } catch {
      // Headers that throw say nothing.
    }
  }
  return undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function read(value: object, key: string): unknown {
  try {
    return (value as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}
