import { type BaseMessage, HumanMessage } from "@langchain/core/messages";
import { FakeListChatModel } from "@langchain/core/utils/testing";
import { describe, expect, test, vi } from "vitest";
import { guardModel } from "./guard-model.ts";
import { watchedGuard } from "./test-fixture.ts";

const responses = ["a", "b", "c", "d"];
/** Enough that a model's calls are run on its heir. */
const CALLS = 4;

async function ask(model: { invoke(input: string): Promise<{ text: string }> }): Promise<string[]> {
  const answers: string[] = [];
  for (let call = 0; call < CALLS; call++) answers.push((await model.invoke("hi")).text);
  return answers;
}

/** Counts its calls where LangChain only reads. */
class Counting extends FakeListChatModel {
  asked = 0;
  override invocationParams(): object {
    this.asked += 1;
    return {};
  }
}

const names = new WeakMap<object, string>();

/** Knows itself by what it is. */
class Known extends FakeListChatModel {
  constructor() {
    super({ responses });
    names.set(this, "known");
  }
  get model(): string {
    const name = names.get(this);
    if (name === undefined) throw new TypeError("another object");
    return name;
  }
  override invocationParams(): object {
    return { model: this.model };
  }
}

/** Runs its calls itself. */
class Running extends FakeListChatModel {
  prompts = 0;
  override generatePrompt(
    ...args: Parameters<FakeListChatModel["generatePrompt"]>
  ): ReturnType<FakeListChatModel["generatePrompt"]> {
    this.prompts += 1;
    return super.generatePrompt(...args);
  }
}

describe("a guarded model that is called again and again", () => {
  test("keeps what it writes to itself", async () => {
    const { guard, records } = watchedGuard({ budgets: [] });
    const model = new Counting({ responses });
    const guarded = guardModel(model, guard);
    expect(await ask(guarded)).toEqual(responses);
    const { asked } = model;
    expect(asked).toBeGreaterThanOrEqual(CALLS);
    expect(guarded.asked).toBe(asked);
    await guarded.invoke("hi");
    expect(model.asked - asked).toBe(asked / CALLS);
    expect(records).toHaveLength(CALLS + 1);
  });

  test("is asked as itself for what its class computes", async () => {
    const { guard, records } = watchedGuard({ budgets: [] });
    await ask(guardModel(new Known(), guard));
    expect(records.map(({ name }) => name)).toEqual(responses.map(() => "known"));
  });

  test("may run its calls itself", async () => {
    const { guard, records } = watchedGuard({ budgets: [] });
    const model = new Running({ responses });
    await ask(guardModel(model, guard));
    expect(model.prompts).toBe(CALLS);
    expect(records).toHaveLength(CALLS);
  });

  test("may be changed at any time, itself or through its wrapper", async () => {
    const { guard, records } = watchedGuard({ budgets: [] });
    const model = Object.assign(new FakeListChatModel({ responses }), { model: "one" });
    vi.spyOn(model, "invocationParams").mockImplementation(() => ({ model: model.model }));
    const guarded = guardModel(model, guard);
    await ask(guarded);
    model.model = "two";
    await guarded.invoke("hi");
    guarded.model = "three";
    await guarded.invoke("hi");
    expect(records.slice(CALLS).map(({ name }) => name)).toEqual(["two", "three"]);
    const generate = vi.spyOn(model, "_generate");
    await guarded.invoke("hi");
    expect(generate).toHaveBeenCalledOnce();
    expect(records).toHaveLength(CALLS + 3);
  });

  test("streams as before, and each stream counts once", async () => {
    const { guard, records } = watchedGuard({ budgets: [] });
    const guarded = guardModel(new FakeListChatModel({ responses: ["abc"] }), guard);
    for (let call = 0; call < CALLS; call++) {
      const texts: string[] = [];
      for await (const chunk of await guarded.stream("hi")) texts.push(chunk.text);
      expect(texts.join("")).toBe("abc");
    }
    expect(records).toHaveLength(CALLS);
  });

  test("answers two guards once each", async () => {
    const inner = watchedGuard({ budgets: [] });
    const outer = watchedGuard({ budgets: [] });
    const messages: BaseMessage[] = [new HumanMessage("hi")];
    const model = guardModel(new FakeListChatModel({ responses }), inner.guard);
    const guarded = guardModel(model, outer.guard);
    for (let call = 0; call < CALLS; call++) await guarded.invoke(messages);
    expect([inner.records.length, outer.records.length]).toEqual([CALLS, CALLS]);
  });
});
