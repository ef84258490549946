import { FakeListChatModel } from "@langchain/core/utils/testing";
import { describe, expect, test } from "vitest";
import { guardModel } from "./guard-model.ts";
import { watchedGuard } from "./test-fixture.ts";

const responses = ["a", "b", "c", "d", "e", "f", "g", "h"];
/** Enough that a model's calls are run on its heir. */
const CALLS = 4;
const COUNT = Symbol("count");

type Self = FakeListChatModel & Record<PropertyKey, unknown>;

/** What a model does with itself when LangChain asks it in the middle of a call. */
const habits: Record<string, (self: Self) => void> = {
  "counts in a field": (self) => {
    self["count"] = Number(self["count"]) + 1;
  },
  "counts in a field that it makes": (self) => {
    self["made"] = Number(self["made"] ?? 0) + 1;
  },
  "counts under a symbol": (self) => {
    self[COUNT] = Number(self[COUNT] ?? 0) + 1;
  },
  "makes a field each time": (self) => {
    self[`made ${Object.keys(self).length}`] = true;
  },
  "removes a field": (self) => {
    delete self["spare"];
  },
  "defines a field": (self) => {
    const value = Number(self["count"]) + 1;
    Object.defineProperty(self, "count", { value, configurable: true });
  },
  "lists its fields": (self) => {
    self["listed"] = `${self["listed"] ?? ""} ${Object.keys(self)}`;
  },
  "asks whether it owns a field": (self) => {
    self["owns"] = `${self["owns"] ?? ""} ${Object.hasOwn(self, "spare")}`;
  },
  "asks for its class": (self) => {
    const isIts = Object.getPrototypeOf(self) === self.constructor.prototype;
    self["class"] = `${self["class"] ?? ""} ${isIts}`;
  },
  "counts through an arrow function, too": (self) => {
    self["count"] = Number(self["count"]) + 1;
    (self["more"] as () => void)();
  },
};

function modelWith(habit: (self: Self) => void): Self {
  class Model extends FakeListChatModel {
    spare = 1;
    count = 0;
    readonly more = (): void => {
      this.count += 10;
    };
    // Of all that LangChain asks, what our hooks do not ask, too: after a call, and within a stream.
    override _combineLLMOutput(): never[] {
      habit(this as never);
      return [];
    }
    override _separateRunnableConfigFromCallOptionsCompat(...[options]: [never]): never {
      habit(this as never);
      return super._separateRunnableConfigFromCallOptionsCompat(options) as never;
    }
  }
  return new Model({ responses }) as never;
}

/** What a model owns beside what it is made of. */
function stateOf(model: Self): unknown[] {
  const { lc_kwargs: _, caller: __, more: ___, ...own } = model;
  return [own, model["count"], model[COUNT]];
}

async function streamed(model: FakeListChatModel): Promise<string> {
  let text = "";
  for await (const chunk of await model.stream("hi")) text += chunk.text;
  return text;
}

async function answer(model: FakeListChatModel): Promise<string> {
  return (await model.invoke("hi")).text;
}

const ways: Record<string, (model: FakeListChatModel) => Promise<unknown>> = {
  answers: answer,
  streams: streamed,
  "answers three at once": async (model) =>
    (await Promise.all([answer(model), streamed(model), answer(model)])).sort(),
};

describe.each(Object.entries(ways))("a guarded model that %s", (_, ask) => {
  test.each(Object.entries(habits))("and %s is left as without a guard", async (_name, habit) => {
    const bare = modelWith(habit);
    const model = modelWith(habit);
    const guarded = guardModel(model, watchedGuard({ budgets: [] }).guard);
    for (let call = 0; call < CALLS; call++) {
      expect(await ask(guarded)).toEqual(await ask(bare));
      expect(stateOf(model)).toEqual(stateOf(bare));
      expect(stateOf(guarded)).toEqual(stateOf(bare));
    }
  });
});

describe("a guarded model that is asked again and again", () => {
  test("may compute a field of its own, knowing itself", async () => {
    const model = new FakeListChatModel({ responses });
    const tags = new WeakMap<object, string[]>([[model, ["known"]]]);
    const get = function (this: object): string[] {
      const found = tags.get(this);
      if (found === undefined) throw new TypeError("another object");
      return found;
    };
    Object.defineProperty(model, "tags", { get });
    const guarded = guardModel(model, watchedGuard({ budgets: [] }).guard);
    for (let call = 0; call < CALLS; call++) {
      expect([await answer(guarded), await streamed(guarded)]).toHaveLength(2);
    }
  });

  test("may be given a method that writes to it", async () => {
    const model = new FakeListChatModel({ responses }) as Self;
    const guarded = guardModel(model, watchedGuard({ budgets: [] }).guard);
    await answer(guarded);
    model._combineLLMOutput = () => [];
    for (let call = 0; call < CALLS; call++) await answer(guarded);
    model._combineLLMOutput = function (this: Self) {
      this["count"] = Number(this["count"] ?? 0) + 1;
      return [];
    } as never;
    for (let call = 1; call <= CALLS; call++) {
      await answer(guarded);
      expect(model["count"]).toBe(call);
    }
  });

  test("is refused on the way of its own class, be it streamed or not", async () => {
    class Own extends FakeListChatModel {
      runs = 0;
      override async _generateUncached(
        ...args: Parameters<FakeListChatModel["_generateUncached"]>
      ): ReturnType<FakeListChatModel["_generateUncached"]> {
        const result = await super._generateUncached(...args);
        this.runs += 1;
        return result;
      }
    }
    const { guard, records } = watchedGuard({ budgets: [] });
    const model = new Own({ responses });
    const guarded = guardModel(model, guard);
    for (let call = 1; call <= CALLS; call++) {
      await answer(guarded);
      expect(model.runs).toBe(call);
      await streamed(guarded);
      expect(records).toHaveLength(2 * call);
    }
    await guard.kill("everything", { reason: "test", by: "test" });
    await expect(answer(guarded)).rejects.toMatchObject({ code: "BR1001" });
    await expect(streamed(guarded)).rejects.toMatchObject({ code: "BR1001" });
  });
});
