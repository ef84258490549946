import type { Clock } from "@burnrate/core";
import { checkMethods, optionError, retryAfterOf } from "@burnrate/core/adapter";
import type { Score } from "./score.ts";

/** How an attempt went. A reason is a status code or a word: never a text of the server's. */
export type Sent =
  | { readonly kind: "accepted" }
  | { readonly kind: "rejected"; readonly reason: string }
  | { readonly kind: "later"; readonly reason: string; readonly retryAfterMs: number | undefined };

/** Sends one score. Never rejects. */
export type ScoreSender = (score: Score, timeoutMs: number) => Promise<Sent>;

/** The part of a `LangfuseClient` that is used. */
export interface LangfuseScoresClient {
  readonly api: {
    readonly scores: {
      create(
        score: Score,
        options: { readonly timeoutInSeconds: number; readonly maxRetries: number },
      ): PromiseLike<unknown>;
    };
  };
}

/** Where Langfuse is, for those who hand in no client. A function is asked for each request. */
export interface LangfuseCredentials {
  /** Default `https://cloud.langfuse.com`. */
  readonly baseUrl?: string;
  readonly publicKey: string;
  readonly secretKey: string | (() => string | Promise<string>);
}

/** Sends through the application's own client; its retries are off, because ours are bounded. */
export function clientSender(client: LangfuseScoresClient, clock: Clock): ScoreSender {
  checkMethods("langfuseExporter.client.api.scores", client?.api?.scores, ["create"]);
  return async (score, timeoutMs) => {
    try {
      const options = { timeoutInSeconds: timeoutMs / 1_000, maxRetries: 0 };
      const answer = client.api.scores.create(score, options);
      return ofBody(await inTime(answer, AbortSignal.timeout(timeoutMs)));
    } catch (error) {
      const { statusCode, rawResponse } = (error ?? {}) as ClientError;
      if (typeof statusCode !== "number") return later("network");
      return ofStatus(statusCode, retryAfterOf(rawResponse, clock.wallMs()));
    }
  };
}

interface ClientError {
  readonly statusCode?: number;
  readonly rawResponse?: { readonly headers?: unknown };
}

/** Sends with `fetch`. What it was given as a key goes into the header and nowhere else. */
export function fetchSender(
  { baseUrl, publicKey, secretKey }: LangfuseCredentials,
  clock: Clock,
): ScoreSender {
  const url = new URL(checkUrl(baseUrl ?? "https://cloud.langfuse.com"));
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/api/public/scores`; // it may be below a path
  if (typeof publicKey !== "string" || publicKey === "") {
    throw optionError("langfuseExporter.publicKey", publicKey, "the project's public key");
  }
  if (typeof secretKey !== "function" && (typeof secretKey !== "string" || secretKey === "")) {
    // Not the value: it may be a secret that was wrapped by mistake.
    throw optionError(
      "langfuseExporter.secretKey",
      typeof secretKey,
      "the project's secret key, or a function that returns it",
    );
  }
  return async (score, timeoutMs) => {
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      const secret =
        typeof secretKey === "function" ? await inTime(secretKey(), signal) : secretKey;
      if (typeof secret !== "string" || secret === "") return later("network");
      const response = await fetch(url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          authorization: `Basic ${Buffer.from(`${publicKey}:${secret}`).toString("base64")}`,
        },
        body: JSON.stringify(score),
        signal,
        redirect: "error", // a key follows nobody elsewhere
      });
      if (response.ok) return ofBody(await readAnswer(response));
      response.body?.cancel().catch(() => {});
      return ofStatus(response.status, retryAfterOf(response, clock.wallMs()));
    } catch {
      return later("network");
    }
  };
}

/** A vault that never hands out a key, or a client that ignores its timeout, holds nobody up. */
function inTime<T>(answer: T | PromiseLike<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    Promise.resolve(answer).then(resolve, reject);
  });
}

/** `fetch` refuses an address with a password; what is in front of an @ is told nobody. */
function checkUrl(baseUrl: string): string {
  const path = "langfuseExporter.baseUrl";
  const url = URL.canParse(baseUrl) && /^https?:/.test(baseUrl) ? new URL(baseUrl) : undefined;
  if (url?.username === "" && url.password === "") return baseUrl;
  const shown = typeof baseUrl === "string" ? baseUrl.replace(/^.*@/, "…@") : baseUrl;
  throw optionError(path, shown, "an http or https address without name and password");
}

/** What Langfuse's client returns for what is no JSON. */
const NO_JSON = { ok: false };

/** Langfuse answers in a few words: what goes on and on is somebody else's, and is not kept. */
const MAX_ANSWER = 65_536;

async function readAnswer({ body }: Response): Promise<unknown> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MAX_ANSWER) return NO_JSON;
  }
  return readJson(text);
}

function readJson(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return NO_JSON;
  }
}

/** A 207 says for each part whether it was taken; a page of somebody else's says nothing. */
function ofBody(body: unknown): Sent {
  const { ok, errors } = (body ?? {}) as { readonly ok?: unknown; readonly errors?: unknown };
  if (ok === false) return { kind: "rejected", reason: "200" };
  if (!Array.isArray(errors) || errors.length === 0) return { kind: "accepted" };
  const status: unknown = errors[0]?.status;
  return ofStatus(typeof status === "number" ? status : 400, undefined);
}

function ofStatus(status: number, retryAfterMs: number | undefined): Sent {
  const isLater = status === 408 || status === 429 || status >= 500;
  if (!isLater) return { kind: "rejected", reason: `${status}` };
  return later(`${status}`, retryAfterMs || undefined); // 0 is no pause at all
}

function later(reason: string, retryAfterMs?: number): Sent {
  return { kind: "later", reason, retryAfterMs };
}
