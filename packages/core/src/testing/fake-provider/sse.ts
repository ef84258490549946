/** Headers of a stream of server-sent events. */
export const SSE_HEADERS: Readonly<Record<string, string>> = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache",
};

/** The line with which OpenAI ends a stream. */
export const SSE_DONE = "data: [DONE]\n\n";

/** One server-sent event that carries a JSON value. */
export function sseEvent(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}
