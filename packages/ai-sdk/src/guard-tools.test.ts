import { findGuardError } from "@burnrate/core";
import { type FakeProvider, startFakeProvider } from "@burnrate/core/testing";
import { generateText, isStepCount, streamText, tool } from "ai";
import { afterAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { guardModel } from "./guard-model.ts";
import { guardTools } from "./guard-tools.ts";
import { httpModel, killAll, thrownBy, watchedGuard } from "./test-fixture.ts";

const fake: FakeProvider = await startFakeProvider();
beforeEach(() => fake.reset());
afterAll(() => fake.close());

const inputSchema = z.object({ n: z.number() });
const OPTIONS = { toolCallId: "c1", messages: [], context: {} };

const counting = tool({
  inputSchema,
  async *execute({ n }: { n: number }) {
    for (let i = 1; i <= n; i += 1) yield i;
  },
});

test("a refused tool is a tool error in which the refusal is found, and the loop goes on", async () => {
  const { guard } = watchedGuard();
  await guard.kill({ tool: "add" }, { reason: "test", by: "test", level: "stop" });
  let ran = 0;
  const add = tool({
    inputSchema,
    execute: async () => {
      ran += 1;
      return ran;
    },
  });
  fake.next({ kind: "reply", toolCalls: [{ name: "add", arguments: { n: 1 } }] });
  fake.next({ kind: "reply", text: "sorry" });
  const result = await generateText({
    model: guardModel(httpModel(fake), guard),
    tools: guardTools({ add }, guard),
    prompt: "go",
    stopWhen: isStepCount(3),
  });
  const error = result.steps[0]?.content.find(({ type }) => type === "tool-error");
  expect(findGuardError(error)?.code).toBe("BR1001");
  expect(ran).toBe(0);
  expect(result.text).toBe("sorry");
});

test("a tool's own error stays the same object", async () => {
  const { guard, records, held } = watchedGuard();
  const boom = new TypeError("boom");
  const { bad } = guardTools(
    { bad: tool({ inputSchema, execute: (): Promise<number> => Promise.reject(boom) }) },
    guard,
  );
  expect(await thrownBy(() => bad.execute({ n: 1 }, OPTIONS))).toBe(boom);
  expect(records[0]?.outcome).not.toBe("success");
  expect(await held()).toBe(0);
});

test("a generator tool stays one: each result comes, and the call is recorded once", async () => {
  const { guard, records } = watchedGuard();
  const { count } = guardTools({ count: counting }, guard);
  const seen: unknown[] = [];
  for await (const value of count.execute({ n: 3 }, OPTIONS) as AsyncIterable<number>)
    seen.push(value);
  expect(seen).toEqual([1, 2, 3]);
  expect(records).toMatchObject([{ kind: "tool", name: "count", outcome: "success" }]);
});

test("a function that hands back a generator shows its preliminary results as without a guard", async () => {
  const { guard, records, held } = watchedGuard();
  const values = async function* () {
    yield "one";
    yield "two";
  };
  fake.next({ kind: "reply", toolCalls: [{ name: "count", arguments: { n: 1 } }] });
  const { fullStream } = streamText({
    model: guardModel(httpModel(fake), guard),
    tools: guardTools({ count: tool({ inputSchema, execute: () => values() }) }, guard),
    prompt: "go",
  });
  const seen: unknown[] = [];
  for await (const part of fullStream) {
    if (part.type === "tool-result") seen.push([part.preliminary === true, part.output]);
  }
  expect(seen).toEqual([
    [true, "one"],
    [true, "two"],
    [false, "two"],
  ]);
  expect(records.filter(({ kind }) => kind === "tool")).toMatchObject([{ outcome: "success" }]);
  expect(await held()).toBe(0);
});

test("a kill ends a generator that a function handed back, and the tool's clean-up runs", async () => {
  const { guard, records } = watchedGuard();
  let closed = false;
  const values = async function* () {
    try {
      yield 1;
      yield 2;
    } finally {
      closed = true;
    }
  };
  const { count } = guardTools({ count: tool({ inputSchema, execute: () => values() }) }, guard);
  const results = count.execute({ n: 1 }, OPTIONS) as AsyncGenerator<number>;
  expect((await results.next()).value).toBe(1);
  await killAll(guard, "abort");
  expect(findGuardError(await thrownBy(() => results.next()))?.code).toBe("BR1001");
  expect(closed).toBe(true);
  expect(records).toMatchObject([{ outcome: "killed" }]);
});

test("a result that cannot be looked at ends its call as an error", async () => {
  const { guard, records, held } = watchedGuard();
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const { odd } = guardTools({ odd: tool({ inputSchema, execute: () => proxy }) }, guard);
  expect(await thrownBy(() => odd.execute({ n: 1 }, OPTIONS))).toBeInstanceOf(TypeError);
  expect(records).toMatchObject([{ outcome: "failed" }]);
  expect(await held()).toBe(0);
});

test("a tool that throws right after its own kill is refused, and no rejection is left over", async () => {
  const { guard, records } = watchedGuard();
  const execute = (): Promise<string> => {
    void killAll(guard, "abort");
    return Promise.reject(new Error("boom"));
  };
  const { bad } = guardTools({ bad: tool({ inputSchema, execute }) }, guard);
  expect(findGuardError(await thrownBy(() => bad.execute({ n: 1 }, OPTIONS)))?.code).toBe("BR1001");
  expect(records).toMatchObject([{ outcome: "killed" }]);
});

test("leaving a generator tool early closes it and settles the call", async () => {
  const { guard, records, held } = watchedGuard();
  let closed = false;
  const endless = tool({
    inputSchema,
    async *execute({ n }: { n: number }) {
      try {
        for (let i = n; i < 1_000; i += 1) yield i;
      } finally {
        closed = true;
      }
    },
  });
  const { count } = guardTools({ count: endless }, guard);
  for await (const value of count.execute({ n: 1 }, OPTIONS) as AsyncIterable<number>) {
    if (value === 2) break;
  }
  expect(closed).toBe(true);
  expect(records).toMatchObject([{ outcome: "abandoned" }]);
  expect(await held()).toBe(0);
});

test("leaving a generator tool early settles the call although its clean-up throws", async () => {
  const { guard, records } = watchedGuard();
  const boom = new Error("boom");
  const broken = tool({
    inputSchema,
    async *execute() {
      try {
        yield 1;
        yield 2;
      } finally {
        await Promise.reject(boom);
      }
    },
  });
  const { count } = guardTools({ count: broken }, guard);
  const values = count.execute({ n: 1 }, OPTIONS) as AsyncGenerator<number>;
  await values.next();
  expect(await thrownBy(() => values.return(0))).toBe(boom);
  expect(records).toMatchObject([{ outcome: "abandoned" }]);
});

test("a generator tool that throws is settled, with its own error", async () => {
  const { guard, records } = watchedGuard();
  const boom = new Error("boom");
  const failing = tool({
    inputSchema,
    async *execute({ n }: { n: number }) {
      yield n;
      throw boom;
    },
  });
  const { count } = guardTools({ count: failing }, guard);
  const run = async () => {
    for await (const _ of count.execute({ n: 1 }, OPTIONS) as AsyncIterable<number>);
  };
  expect(await thrownBy(run)).toBe(boom);
  expect(records).toHaveLength(1);
});

test("a kill ends the wait for a tool that listens to nothing", async () => {
  const { guard, records, held } = watchedGuard();
  let started = (): void => undefined;
  const running = new Promise<void>((resolve) => {
    started = resolve;
  });
  const deaf = tool({
    inputSchema,
    execute: (): Promise<number> => {
      started();
      return new Promise(() => undefined);
    },
  });
  const { wait } = guardTools({ wait: deaf }, guard);
  const call = thrownBy(() => wait.execute({ n: 1 }, OPTIONS));
  await running;
  await killAll(guard, "abort");
  expect(await call).toMatchObject({ code: "BR1001" });
  expect(records).toMatchObject([{ outcome: "killed" }]);
  expect(await held()).toBe(0);
});

test.each(["a value", "parts"])(
  "what a tool gives after a kill is withheld also when its caller had left before (%s)",
  async (gives) => {
    const { guard, records } = watchedGuard();
    const caller = new AbortController();
    const kill = async (): Promise<void> => {
      caller.abort();
      await killAll(guard, "abort");
    };
    const one = async () => kill().then(() => 1);
    async function* parts() {
      await kill();
      yield 1;
    }
    const deaf = tool({ inputSchema, execute: gives === "parts" ? parts : one });
    const { count } = guardTools({ count: deaf }, guard);
    const options = { ...OPTIONS, abortSignal: caller.signal };
    const run = async () => {
      const result: unknown = count.execute({ n: 1 }, options);
      if (gives === "parts") for await (const _ of result as AsyncIterable<number>);
      else await result;
    };
    expect(await thrownBy(run)).toMatchObject({ code: "BR1001" });
    expect(records).toMatchObject([{ outcome: "killed" }]);
  },
);

test("a tool with a price is charged it", async () => {
  const { guard, records } = watchedGuard();
  const add = tool({ inputSchema, execute: async ({ n }) => n + 1 });
  const tools = guardTools({ add }, guard, { costs: { add: 0.01 } });
  expect(await tools.add.execute({ n: 1 }, OPTIONS)).toBe(2);
  expect(records[0]?.costNanoUsd).toBe(10_000_000);
});

test("tools without execute are left alone, and guarding twice counts once", async () => {
  const { guard, records } = watchedGuard();
  const client = tool({ inputSchema, outputSchema: z.number() });
  const add = tool({ inputSchema, execute: async ({ n }) => n + 1 });
  const once = guardTools({ client, add }, guard);
  expect(once.client).toBe(client);
  const twice = guardTools(once, guard);
  expect(await twice.add.execute({ n: 1 }, OPTIONS)).toBe(2);
  expect(records).toHaveLength(1);
});

test("guarding again behind another guard counts once for each", async () => {
  const [one, other] = [watchedGuard(), watchedGuard()];
  let tools = { add: tool({ inputSchema, execute: async ({ n }) => n + 1 }) };
  for (const { guard } of [one, other, one, other]) tools = guardTools(tools, guard);
  expect(await tools.add.execute({ n: 1 }, OPTIONS)).toBe(2);
  expect([one.records.length, other.records.length]).toEqual([1, 1]);
});

test("a model that a tool calls is a call of its own in the same task", async () => {
  const { guard, records } = watchedGuard();
  const model = guardModel(httpModel(fake), guard);
  const ask = tool({
    inputSchema,
    execute: async () => (await generateText({ model, prompt: "inner" })).text,
  });
  fake.next({ kind: "reply", toolCalls: [{ name: "ask", arguments: { n: 1 } }] });
  fake.next({ kind: "reply", text: "inner answer" });
  fake.next({ kind: "reply", text: "outer answer" });
  await generateText({
    model,
    tools: guardTools({ ask }, guard),
    prompt: "outer",
    stopWhen: isStepCount(3),
  });
  expect(records.map(({ kind }) => kind)).toEqual(["model", "model", "tool", "model"]);
  expect(new Set(records.map(({ context }) => context.task)).size).toBe(1);
});

test("an unknown option is refused", () => {
  const { guard } = watchedGuard();
  expect(() => guardTools({}, guard, { cost: {} } as never)).toThrow(/BR9001.*cost/);
});
