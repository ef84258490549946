import type { IncomingHttpHeaders } from "node:http";
import type { JsonBody } from "./request-body.ts";

const LONGEST_NAME = 200;
const NO_BODY: JsonBody = { value: {}, bytes: 0 };

/** What the provider knows of a request before it decides how to treat it. */
export interface ReceivedRequest {
  /** `req-1`, `req-2`, … in the order in which the requests were read. */
  readonly id: string;
  /** 1 for the first request since the start or the last reset. */
  readonly number: number;
  /** Without `/v1` and query: `/chat/completions`, `/embeddings`. */
  readonly path: string;
  readonly model: string;
  readonly stream: boolean;
  /** From the header `x-agent`, else the body's `user`. */
  readonly agent: string | undefined;
  /** The `x-…` headers, lower case; never a key. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
  /** How long the body was as it was sent. */
  readonly bodyBytes: number;
}

/** Collects the facts of a request; without a body when that could not be read. */
export function describeRequest(
  number: number,
  path: string,
  headers: IncomingHttpHeaders,
  { value: body, bytes: bodyBytes }: JsonBody = NO_BODY,
): ReceivedRequest {
  const selected = selectHeaders(headers);
  return {
    id: `req-${number}`,
    number,
    path: path.slice(0, LONGEST_NAME),
    model: nameFrom(body["model"]) ?? "",
    stream: body["stream"] === true,
    agent: nameFrom(selected["x-agent"]) ?? nameFrom(body["user"]),
    headers: selected,
    body,
    bodyBytes,
  };
}

function selectHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const selected: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith("x-") && !name.includes("key") && typeof value === "string") {
      selected[name] = value;
    }
  }
  return selected;
}

function nameFrom(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value.slice(0, LONGEST_NAME) : undefined;
}
