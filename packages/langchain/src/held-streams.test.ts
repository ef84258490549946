import { type EvaluationInput, type Evaluator, findGuardError } from "@burnrate/core";
import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { AIMessage, type BaseMessage } from "@langchain/core/messages";
import { createAgent } from "langchain";
import { describe, expect, test } from "vitest";
import { guardModel } from "./guard-model.ts";
import { chat, echo, provider, thrownBy, watchedGuard } from "./test-fixture.ts";

const fake = await provider();

/** Refuses answers with the word in them. */
function without(word: string, onStream?: Evaluator["onStream"]): Evaluator {
  const evaluate = ({ output }: EvaluationInput) => ({ passed: !String(output).includes(word) });
  const name = "clean";
  return { name, on: "model", required: true, evaluate, ...(onStream && { onStream }) };
}

/** What a consumer of a stream sees, and what a handler of its callbacks. */
async function shown(onStream: Evaluator["onStream"] | undefined, text: string) {
  const { guard, records } = watchedGuard({ evaluators: [without("bad", onStream)] });
  fake.next({ kind: "reply", text });
  let seen = "";
  let told = "";
  const handler = {
    handleLLMNewToken: (token: string) => {
      told += token;
    },
  };
  const error: unknown = await (async () => {
    const model = guardModel(chat(fake), guard);
    for await (const chunk of await model.stream("go", { callbacks: [handler] }))
      seen += chunk.text;
  })().catch((thrown: unknown) => thrown);
  return { seen, told, code: findGuardError(error)?.code, records };
}

describe.each([
  ["judged at its end", undefined],
  ["held back in windows", { window: 6 }],
  ["held back whole", "hold" as const],
])("a stream %s", (_, onStream) => {
  test("that passes is shown whole, to callbacks too", async () => {
    const text = "a good day to all of you, and a good night";
    expect(await shown(onStream, text)).toMatchObject({ seen: text, told: text, code: undefined });
  });

  test("that fails is refused, and charged", async () => {
    const { code, records } = await shown(onStream, "a day that is bad for all of you");
    expect(code).toBe("BR6001");
    expect(records).toHaveLength(1);
    expect(records[0]?.costNanoUsd).toBeGreaterThan(0);
    expect(records[0]?.evaluations).toMatchObject([{ evaluator: "clean", status: "failed" }]);
  });
});

test("a held stream shows nothing of what fails, not to callbacks either", async () => {
  expect(await shown("hold", "bad news")).toMatchObject({ seen: "", told: "" });
});

test("a window shows nothing of a leak that is no longer than it", async () => {
  const { seen, told } = await shown({ window: 6 }, `${"good day ".repeat(4)}bad day`);
  expect(seen).toMatch(/^(good day )+/);
  expect(seen).not.toContain("b");
  expect(told).not.toContain("b");
});

/** Streams inside of a call for a whole answer, as providers with `streaming: true` do. */
class Telling extends BaseChatModel {
  readonly #text: string;

  constructor(text: string) {
    super({});
    this.#text = text;
  }

  _llmType(): string {
    return "telling";
  }

  async _generate(_: BaseMessage[], __: unknown, run?: CallbackManagerForLLMRun) {
    for (const token of this.#text.split(" ")) await run?.handleLLMNewToken(token);
    return { generations: [{ text: this.#text, message: new AIMessage(this.#text) }] };
  }
}

test.each([
  ["good day", ["good", "day"]],
  ["bad news", []],
])(
  "a model that streams inside of its answer %j tells %j after the verdict",
  async (text, told) => {
    const { guard } = watchedGuard({ evaluators: [without("bad", "hold")], budgets: [] });
    const tokens: string[] = [];
    const handler = { handleLLMNewToken: (token: string) => void tokens.push(token) };
    const answer = guardModel(new Telling(text), guard).invoke("go", { callbacks: [handler] });
    await answer.catch(() => undefined);
    expect(tokens).toEqual(told);
  },
);

test("an agent whose answer fails in a stream runs none of its tools", async () => {
  const evaluate = () => ({ passed: false });
  const evaluators: Evaluator[] = [{ name: "no", on: "model", required: true, evaluate }];
  const { guard, records } = watchedGuard({ evaluators });
  fake.next({ kind: "reply", toolCalls: [{ name: "echo", arguments: { text: "x" } }] });
  const agent = createAgent({ model: guardModel(chat(fake), guard), tools: [echo] });
  const error = await thrownBy(async () => {
    const input = { messages: [{ role: "user" as const, content: "go" }] };
    for await (const _ of await agent.stream(input, { streamMode: "messages" }));
  });
  expect(findGuardError(error)?.code).toBe("BR6001");
  expect(records.map(({ kind }) => kind)).toEqual(["model"]);
});
