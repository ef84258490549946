import type { Permit } from "@burnrate/core";
import { markBare } from "./joined-calls.ts";
import { usageOf } from "./language.ts";
import { type Draft, hasStream, type Method, streamed, whole } from "./method.ts";
import type { CallOptions, CallParams } from "./sdk-types.ts";
import { statedLimit, toCall } from "./to-call.ts";
import { untilKilled } from "./until-killed.ts";

/** What a telemetry integration sees of a request to a language model. */
export interface ModelRequest extends CallParams {
  readonly provider: string;
  readonly modelId: string;
  readonly messages?: unknown;
  readonly instructions?: unknown;
  readonly tools?: unknown;
  readonly maxOutputTokens?: number | undefined;
  readonly providerOptions?: unknown;
}

interface Seen extends Partial<ModelRequest> {
  readonly execute: () => PromiseLike<unknown>;
  readonly permit?: Permit;
}

/** A request that can be refused and measured, and not be changed. */
export const modelRequest: Method<Seen, unknown> = {
  toCall(model, seen, billedBy, task): Draft {
    const { messages, tools, maxOutputTokens, providerOptions } = seen;
    const params = { prompt: messages, tools, maxOutputTokens, providerOptions } as CallOptions;
    const draft = toCall(model, params, billedBy, task);
    if (statedLimit(params) === undefined) draft.bound = "assumed";
    return draft;
  },
  toParams(seen, permit) {
    markBare(permit);
    return { ...seen, permit };
  },
  send: (_, { permit, execute }) =>
    permit === undefined ? execute() : untilKilled(permit, execute),
  toUsage: (answer, { messages }) => usageOf(answer, messages),
  settle: (attempt, result) => deliveryOf(result).settle(attempt, result),
  handOn: (attempt, result) => deliveryOf(result).handOn(attempt, result),
};

function deliveryOf(result: unknown): typeof whole {
  return hasStream(result) ? streamed : whole;
}
