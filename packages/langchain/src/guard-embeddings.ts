import type { Guard } from "@burnrate/core";
import { isPromise, optionError } from "@burnrate/core/adapter";
import { ambientRun } from "./ambient-run.ts";
import { checkArguments } from "./check-options.ts";
import { className } from "./describe-model.ts";
import { EmbeddingCall, type EmbeddingHook } from "./embedding-call.ts";
import { stateOf } from "./guard-state.ts";
import { type CallRun, runOf } from "./lone-run.ts";
import { type Loose, read } from "./shape.ts";
import { isWrapped, NO_OPTIONS, wrapOnce } from "./wrap-once.ts";

/** Options of {@link guardEmbeddings}. */
export interface GuardEmbeddingsOptions {
  /** The provider to price by. Default: as the class is named (`OpenAIEmbeddings` is `openai`). */
  readonly provider?: string;
}

/**
 * Guards every request of an embeddings object: `embedQuery`, and each batch of `embedDocuments`
 * (`batchSize` of the object) as a call of its own. All batches are admitted before the first is
 * sent, so that a list is embedded whole or not at all; but where one has to wait (a kill of level
 * `throttle`, `onHeld: "wait"`), those before it are sent meanwhile. LangChain hands on no usage:
 * it is exact where the class sends through LangChain's caller and its client answers with a usage
 * (`OpenAIEmbeddings` does); otherwise the input's bound is charged, marked as estimated. A request
 * cannot be cut: an answer that comes after a kill is charged and withheld. What comes back keeps
 * the type, and `instanceof`.
 *
 * @throws {ConfigError} `BR9001` for something that does not embed.
 * Each call throws a {@link GuardError} when refused.
 *
 * @example
 * const embeddings = guardEmbeddings(new OpenAIEmbeddings(), guard);
 * const store = new MemoryVectorStore(embeddings);
 */
export function guardEmbeddings<E extends object>(
  embeddings: E,
  guard: Guard,
  options: GuardEmbeddingsOptions = NO_OPTIONS,
): E {
  checkArguments("guardEmbeddings", guard, options, ["provider"]);
  if (isWrapped(guard, embeddings)) return embeddings;
  const { embedQuery, embedDocuments } = embeddings as Loose;
  if (typeof embedQuery !== "function" || typeof embedDocuments !== "function") {
    throw optionError("embeddings", embeddings, "embeddings of LangChain's");
  }
  const hook: EmbeddingHook = { guard, provider: options.provider ?? providerOf(embeddings) };
  const runName = className(embeddings) ?? "embeddings";
  const replaced: Loose = {
    embedQuery(this: unknown, text: unknown) {
      return inRun(guard, runName, (run) =>
        embedOne(hook, embeddings, this, "embedQuery", text, run),
      );
    },
    embedDocuments(this: unknown, texts: readonly unknown[]) {
      return inRun(guard, runName, (run) => embedAll(hook, embeddings, this, texts, run));
    },
  };
  return wrapOnce(guard, embeddings, options, () => {
    const get = (target: E, key: PropertyKey): unknown =>
      Object.hasOwn(replaced, key) ? replaced[key] : (target as Loose)[key];
    return { wrapper: new Proxy(embeddings, { get }), target: embeddings, options };
  });
}

/** Embeds in the run around, where a callback of the guard follows that, or in one of its own. */
async function inRun(
  guard: Guard,
  name: string,
  embed: (run: CallRun) => Promise<unknown>,
): Promise<unknown> {
  const around = { _parentRunId: ambientRun().runId };
  const run = runOf(guard, stateOf(guard), around, name, undefined);
  if (run.lone === undefined) return embed(run);
  try {
    const answer = await embed(run);
    await run.lone.end(answer);
    return answer;
  } catch (error) {
    await run.lone.fail(error);
    throw error;
  }
}

async function embedOne(
  hook: EmbeddingHook,
  embeddings: object,
  self: unknown,
  method: "embedQuery" | "embedDocuments",
  input: unknown,
  run: CallRun,
): Promise<unknown> {
  const begun = EmbeddingCall.begin(hook, embeddings, self, input, run);
  const call = isPromise(begun) ? await begun : begun;
  return call.run(method);
}

/** In the batches that the object itself would make; the answers stay in order. */
async function embedAll(
  hook: EmbeddingHook,
  embeddings: object,
  self: unknown,
  texts: readonly unknown[],
  run: CallRun,
): Promise<unknown> {
  const batches = batchesOf(texts, read(embeddings, "batchSize"));
  if (batches.length <= 1) return embedOne(hook, embeddings, self, "embedDocuments", texts, run);
  const calls: EmbeddingCall[] = [];
  const answers: Promise<unknown>[] = [];
  const send = (): void => {
    for (const call of calls.splice(0)) {
      const answer = call.run("embedDocuments");
      answer.catch(() => undefined); // a refusal of a later batch may come first
      answers.push(answer);
    }
  };
  let cameAtOnce = false;
  try {
    for (const batch of batches) {
      const begun = EmbeddingCall.begin(hook, embeddings, self, batch, run);
      if (!isPromise(begun)) cameAtOnce = true;
      else if (cameAtOnce) send(); // what this one waits for may be what the list itself holds
      calls.push(await begun);
    }
  } catch (error) {
    await Promise.all(calls.map((call) => call.permit.release()));
    throw error;
  }
  send();
  return (await Promise.all(answers)).flat(1);
}

/**
 * `OpenAIEmbeddings` are OpenAI's. A class that a bundler renamed is nobody's: name the provider.
 */
function providerOf(embeddings: object): string | undefined {
  const name = /^(\w+?)(?:Inference)?Embeddings$/.exec(className(embeddings) ?? "")?.[1];
  return name?.toLowerCase();
}

function batchesOf(texts: readonly unknown[], size: unknown): readonly (readonly unknown[])[] {
  if (!Array.isArray(texts) || typeof size !== "number" || !(size >= 1)) return [texts];
  const batches: unknown[][] = [];
  for (let at = 0; at < texts.length; at += size) batches.push(texts.slice(at, at + size));
  return batches;
}
