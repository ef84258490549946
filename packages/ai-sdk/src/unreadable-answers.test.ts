import { describe, expect, test } from "vitest";
import { guardModel } from "./guard-model.ts";
import type { ModelObject, StreamPart } from "./sdk-types.ts";
import {
  partStream,
  STOP,
  streamModel,
  TEXT_PARTS,
  thrownBy,
  USAGE,
  unitModel,
  watchedGuard,
} from "./test-fixture.ts";

const PROMPT = [{ role: "user", content: [{ type: "text", text: "hi" }] }] as const;

/** The same object with a field that throws when it is read. */
function broken<T extends object>(object: T, field: string): T {
  const get = (): never => {
    throw new Error("cannot be read");
  };
  return Object.defineProperty({ ...object }, field, { get, enumerable: true });
}

/** Sends one request to a language model that answers this. */
function ask(model: ModelObject): Promise<object> {
  const { doGenerate } = model as unknown as { doGenerate(params: object): Promise<object> };
  return doGenerate({ prompt: PROMPT });
}

async function readAll(stream: ReadableStream<StreamPart>): Promise<void> {
  for await (const _ of stream);
}

describe("an answer that throws when it is read leaves no money held", () => {
  const answer = { content: [], usage: USAGE, finishReason: STOP, warnings: [] };
  const face = { supportedUrls: {}, doStream: () => undefined };

  test.each(["usage", "providerMetadata"])("its %s: the usage is unknown", async (field) => {
    const { guard, records, held } = watchedGuard();
    await ask(guardModel(unitModel("doGenerate", broken(answer, field), face), guard));
    expect(records).toMatchObject([{ outcome: "success", usageSource: "estimated" }]);
    expect(await held()).toBe(0);
  });

  test("its content, that an evaluator wants", async () => {
    const evaluate = () => ({ passed: true });
    const { guard, records, held } = watchedGuard({
      evaluators: [{ name: "any", on: "model", required: true, evaluate }],
    });
    const model = unitModel("doGenerate", broken(answer, "content"), face);
    await thrownBy(() => ask(guardModel(model, guard)));
    expect(records).toMatchObject([{ outcome: "failed", usageSource: "estimated" }]);
    expect(await held()).toBe(0);
  });

  test("the usage in a stream's finish part", async () => {
    const { guard, records, held } = watchedGuard();
    const parts = [...TEXT_PARTS.slice(0, -1), broken(TEXT_PARTS.at(-1) as StreamPart, "usage")];
    const model = guardModel(
      streamModel(() => partStream(parts)),
      guard,
    );
    await readAll((await model.doStream({ prompt: [] })).stream);
    expect(records).toMatchObject([{ outcome: "success", usageSource: "estimated" }]);
    expect(await held()).toBe(0);
  });

  test("text without text, in a stream that is held back", async () => {
    const evaluate = () => ({ passed: true });
    const { guard, records, held } = watchedGuard({
      evaluators: [{ name: "any", on: "model", required: true, onStream: { window: 5 }, evaluate }],
    });
    const [start, ...rest] = TEXT_PARTS;
    const parts = [start, { type: "text-delta", id: "1" }, ...rest];
    const model = guardModel(
      streamModel(() => partStream(parts)),
      guard,
    );
    await readAll((await model.doStream({ prompt: [] })).stream);
    expect(records).toMatchObject([{ outcome: "success", usageSource: "provider" }]);
    expect(await held()).toBe(0);
  });
});
