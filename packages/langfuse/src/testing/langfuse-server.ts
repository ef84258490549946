import {
  type LoopbackAnswer,
  type LoopbackServer,
  type ReceivedRequest,
  serveLoopback,
} from "@burnrate/core/testing";
import type { Score } from "../scores/score.ts";

/** Keys of the tests' project. */
export const KEYS: { readonly publicKey: string; readonly secretKey: string } = {
  publicKey: "pk-lf-test",
  secretKey: "sk-lf-very-secret",
};

const AUTHORIZATION = `Basic ${Buffer.from(`${KEYS.publicKey}:${KEYS.secretKey}`).toString("base64")}`;

/** An observation as it arrives over OTLP. */
export interface ReceivedObservation {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** As much of Langfuse as the exporter talks to. */
export interface LangfuseServer extends LoopbackServer {
  /** What scores are answered with from now on; default as Langfuse does when all is well. */
  answerScores(answer: (score: Score) => LoopbackAnswer): void;
  scores(): readonly Score[];
  observations(): readonly ReceivedObservation[];
  /** What was wrong with requests: method, path or headers. */
  readonly wrong: string[];
}

/** Starts it. Every request is looked at: what is wrong with one is kept in `wrong`. */
export async function startLangfuse(): Promise<LangfuseServer> {
  const wrong: string[] = [];
  const accept = ({ id }: Score): LoopbackAnswer => Response.json({ id });
  let answer = accept;
  const server = await serveLoopback((request) => {
    check(request, wrong);
    if (request.path === "/api/public/otel/v1/traces") return Response.json({});
    return answer(JSON.parse(request.body) as Score);
  });
  const bodies = <T>(path: string): T[] =>
    server.received.filter((one) => one.path === path).map(({ body }) => JSON.parse(body) as T);
  return {
    ...server,
    wrong,
    answerScores: (next) => {
      answer = next;
    },
    scores: () => bodies<Score>("/api/public/scores"),
    observations: () => bodies<Otlp>("/api/public/otel/v1/traces").flatMap(toObservations),
  };
}

function check({ method, path, headers }: ReceivedRequest, wrong: string[]): void {
  const known = ["/api/public/scores", "/api/public/otel/v1/traces"];
  if (method !== "POST" || !known.includes(path)) wrong.push(`${method} ${path}`);
  if (headers["content-type"]?.split(";")[0] !== "application/json") {
    wrong.push(`content-type ${headers["content-type"]}`);
  }
  if (headers.authorization !== AUTHORIZATION) wrong.push("authorization");
}

interface Otlp {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
}
interface OtlpSpan extends Omit<ReceivedObservation, "startMs" | "endMs" | "attributes"> {
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: object }[];
}

function toObservations({ resourceSpans }: Otlp): ReceivedObservation[] {
  return resourceSpans
    .flatMap(({ scopeSpans }) => scopeSpans)
    .flatMap(({ spans }) => spans)
    .map(({ name, traceId, spanId, parentSpanId, attributes, ...times }) => ({
      name,
      traceId,
      spanId,
      parentSpanId,
      startMs: Number(BigInt(times.startTimeUnixNano) / 1_000_000n),
      endMs: Number(BigInt(times.endTimeUnixNano) / 1_000_000n),
      attributes: Object.fromEntries(
        attributes.map(({ key, value }) => [key, Object.values(value)[0]]),
      ),
    }));
}
