import type { IncomingMessage } from "node:http";
import { RefusedRequest } from "./refused-request.ts";

const LARGEST_BODY_BYTES = 10 * 1024 * 1024;
const LARGEST_DRAINED_BYTES = 8 * LARGEST_BODY_BYTES;

/** A JSON object and how many bytes it took. */
export interface JsonBody {
  readonly value: Readonly<Record<string, unknown>>;
  readonly bytes: number;
}

/**
 * Reads a JSON object. A body that is too large is read to its end but not kept, since a client
 * that is still sending would miss the answer; one that never ends is cut off.
 * @throws RefusedRequest 400 or 413. Whatever the stream throws when the client leaves.
 */
export async function readJsonObject(request: IncomingMessage): Promise<JsonBody> {
  const buffer = await readBytes(request);
  let value: unknown;
  try {
    value = JSON.parse(buffer.toString("utf8"));
  } catch {
    throw new RefusedRequest(400, "We could not parse the JSON body of your request.");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new RefusedRequest(400, "The body of your request is not a JSON object.");
  }
  return { value: value as Record<string, unknown>, bytes: buffer.length };
}

async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request) {
    bytes += part.length;
    if (bytes <= LARGEST_BODY_BYTES) parts.push(part);
    else parts.length = 0;
    if (bytes > LARGEST_DRAINED_BYTES) break;
  }
  if (bytes > LARGEST_BODY_BYTES) throw new RefusedRequest(413, "The body is over 10 MB.");
  return Buffer.concat(parts);
}
