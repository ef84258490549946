import type { FakeProvider } from "./fake-provider.ts";

type Json = Record<string, unknown>;

/** A stream as the tests read it: parsed events, then how it ended. */
export interface ReadStream {
  // biome-ignore lint/suspicious/noExplicitAny: the tests look into foreign JSON
  readonly events: any[];
  readonly done: boolean;
  readonly broken: boolean;
}

/** Posts a chat request with one user message, the way any HTTP client would. */
export function postChat(
  provider: FakeProvider,
  body: Json = {},
  init: { headers?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<Response> {
  const messages = [{ role: "user", content: "hi" }];
  return postJson(provider, "/chat/completions", { model: "gpt-5", messages, ...body }, init);
}

/** Posts JSON, or a text as it is. */
export function postJson(
  provider: FakeProvider,
  path: string,
  body: Json | string,
  init: { headers?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<Response> {
  return fetch(provider.url + path, {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
    ...init,
    headers: { "content-type": "application/json", ...init.headers },
  });
}

/** The JSON of an answer, to look into. */
// biome-ignore lint/suspicious/noExplicitAny: the tests look into foreign JSON
export async function jsonOf(response: Response | Promise<Response>): Promise<any> {
  return (await response).json();
}

/** Reads a stream to its end, however it ends. */
export async function readStream(response: Response): Promise<ReadStream> {
  let text = "";
  let broken = false;
  const decoder = new TextDecoder();
  try {
    for await (const part of response.body ?? []) text += decoder.decode(part, { stream: true });
  } catch {
    broken = true;
  }
  const events = text.split("\n\n").filter((event) => event !== "");
  const done = events.at(-1) === "data: [DONE]";
  if (done) events.pop();
  return { events: events.map((event) => parse(event.slice("data: ".length))), done, broken };
}

/** The text that the chunks of a stream add up to. */
export function textOf(stream: ReadStream): string {
  return stream.events.map((event) => event.choices?.[0]?.delta.content ?? "").join("");
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return { malformed: json };
  }
}
