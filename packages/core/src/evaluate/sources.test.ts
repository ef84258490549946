import { expect, it } from "vitest";
import { model, setUp, tool } from "../guard/test-fixture.ts";
import { wireGuard } from "../guard/wire-guard.ts";
import type { CallResult, EvaluationInput, Evaluator, Guard, Source } from "../index.ts";
import { openTask } from "../task/open-task.ts";
import { createFakeClock } from "../testing/fake-clock.ts";

/** An evaluator that asks for sources, and what it saw, newest last. */
function asking(more: Partial<Evaluator> = {}) {
  const seen: EvaluationInput[] = [];
  const evaluator: Evaluator = {
    name: "asks",
    on: "model",
    sources: true,
    evaluate: (input) => ({ passed: seen.push(input) > 0 }),
    ...more,
  };
  const texts = (at = -1): string[] => (seen.at(at)?.sources ?? []).map(({ text }) => text);
  return { evaluator, seen, texts };
}

async function call(guard: Guard, name: string, output: unknown, more: CallResult = {}) {
  const permit = await guard.begin(name === "model" ? model(1, 1) : tool(name));
  permit.dispatched();
  await permit.settle({ output, ...more });
}

const broken = (): never => {
  throw new Error("hostile");
};

it("what tools returned in a task is known to whoever judges an answer of it, by the tool's name", async () => {
  const { evaluator, seen } = asking();
  const { guard } = setUp({ evaluators: [evaluator] });
  await guard.task({}, async () => {
    await call(guard, "search", "The moon is 384,400 km away.");
    await call(guard, "weather", { city: "Hamburg", days: [{ celsius: 21 }, { celsius: 19 }] });
    await call(guard, "read", [{ id: "d1", url: "https://a.example", title: "A", body: "Alpha" }]);
    await call(guard, "model", "answer");
  });
  expect(seen[0]?.sources).toEqual([
    { text: "The moon is 384,400 km away.", from: "search" },
    { text: "city: Hamburg\ncelsius: 21\ncelsius: 19", from: "weather" },
    {
      ...{ id: "d1", url: "https://a.example", title: "A", from: "read" },
      text: "id: d1\nurl: https://a.example\ntitle: A\nbody: Alpha",
    },
  ]);
});

it("pictures among a tool's content parts leave the room to its texts", async () => {
  const { evaluator, seen } = asking();
  const { guard } = setUp({ evaluators: [evaluator] });
  const picture = Buffer.alloc(250_000, 7).toString("base64");
  const url = `data:image/png;base64,${picture}`;
  await guard.task({}, async () => {
    await call(guard, "search", "The moon is 384,400 km away.");
    await call(guard, "look", [
      { type: "text", text: "A crater." },
      { type: "image_url", image_url: { url } },
    ]);
    await call(guard, "draw", url);
    await call(guard, "mail", picture.replace(/.{76}/g, "$&\r\n"));
    await call(guard, "stock", "SKU-1\n".repeat(400));
    await call(guard, "scan", JSON.stringify({ page: 3, scan: picture, total: "31 EUR" }));
    await call(guard, "site", "", { sources: [{ text: `Open ${picture} at 9.` }] });
    await call(guard, "model", "answer");
  });
  const texts = seen[0]?.sources.map(({ text, from }) => [from, text.slice(0, 28)]);
  expect(texts).toEqual([
    ["search", "The moon is 384,400 km away."],
    ["look", "A crater."],
    ["look", "type: image_url"],
    ["stock", "SKU-1\n".repeat(5).slice(0, 28)],
    ["scan", '{"page":3,"scan":"","total":'],
    ["site", "Open  at 9."],
  ]);
  expect(guard.metrics().dropped.sources).toBe(0);
});

it("tool outputs are asked of hooks though only answers are judged, and only inside a task", async () => {
  const { guard } = setUp({ evaluators: [asking().evaluator] });
  expect((await guard.begin(tool("search"))).wantsOutput).toBe(false);
  await guard.task({}, async () => {
    expect((await guard.begin(tool("search"))).wantsOutput).toBe(true);
  });
  const nobody = setUp({ evaluators: [asking({ sources: false }).evaluator] });
  await nobody.guard.task({}, async () => {
    expect((await nobody.guard.begin(tool("search"))).wantsOutput).toBe(false);
  });
});

it("documents retrieved by hand are added to the task around, by the guard or by the task", async () => {
  const { evaluator, seen } = asking();
  const { guard } = setUp({ evaluators: [evaluator] });
  await guard.task({}, async (task) => {
    guard.addSources([
      "one",
      { text: "two", id: "d2", from: "wiki" },
      { url: "https://b.example" },
    ]);
    task.addSources(["three", "one"]);
    await call(guard, "model", "answer");
  });
  expect(seen[0]?.sources).toEqual([
    { text: "one", from: "application" },
    { text: "two", id: "d2", from: "wiki" },
    { text: "", url: "https://b.example", from: "application" },
    { text: "three", from: "application" },
  ]);
});

it("outside of tasks an answer has only what its own call brought", async () => {
  const { evaluator, texts } = asking();
  const { guard } = setUp({ evaluators: [evaluator] });
  guard.addSources(["lost"]);
  await call(guard, "search", "hits");
  await call(guard, "model", "answer", { sources: ["cited"] });
  expect(texts()).toEqual(["cited"]);
  await call(guard, "model", "answer");
  expect(texts()).toEqual([]);
});

it("tasks beside each other never see each other's sources", async () => {
  const { evaluator, seen } = asking();
  const { guard } = setUp({ evaluators: [evaluator] });
  const one = (name: string) =>
    guard.task({}, async () => {
      for (let turn = 0; turn < 5; turn++) {
        await call(guard, "search", `${name}${turn}`);
        await call(guard, "model", name);
      }
    });
  await Promise.all(["a", "b", "c"].map(one));
  await guard.task({}, () => Promise.all(["d", "e"].map(one)));
  expect(seen).toHaveLength(25);
  for (const { output, sources } of seen) {
    expect(sources.length).toBeGreaterThan(0);
    expect(sources.every(({ text }) => text.startsWith(String(output)))).toBe(true);
  }
});

it("an inner task knows what the outer one knew when it began; what it found is the outer's once it ended", async () => {
  const { evaluator, texts } = asking();
  const { guard } = setUp({ evaluators: [evaluator] });
  await guard.task({}, async () => {
    await call(guard, "search", "outer");
    await guard.task({}, async () => {
      await call(guard, "search", "inner");
      await call(guard, "model", "inner answer");
      expect(texts()).toEqual(["outer", "inner"]);
    });
    await call(guard, "model", "outer answer");
  });
  expect(texts()).toEqual(["outer", "inner"]);
});

it("a task is judged with everything that was found in it", async () => {
  const { evaluator, texts } = asking({ on: "task" });
  const { guard } = setUp({ evaluators: [evaluator] });
  await guard.task({}, async () => {
    await guard.task({}, () => call(guard, "search", "inner"));
    await call(guard, "search", "outer");
    return "answer";
  });
  expect(texts()).toEqual(["inner", "outer"]);
});

it("a background evaluator sees what was known when the call ended, though the task is over", async () => {
  const { evaluator, texts } = asking({ mode: "background" });
  const { guard } = setUp({ evaluators: [evaluator] });
  await guard.task({}, async () => {
    await call(guard, "search", "before");
    await call(guard, "model", "answer");
    await call(guard, "search", "after");
  });
  expect(texts()).toEqual([]);
  await guard.close();
  expect(texts()).toEqual(["before"]);
});

it("what evaluators call themselves is nobody's source", async () => {
  const { evaluator, texts } = asking({
    async evaluate(input) {
      texts();
      await call(guard, "judge's tool", "opinion");
      guard.addSources(["opinion"]);
      return { passed: asked.push(input) > 0 };
    },
  });
  const asked: EvaluationInput[] = [];
  const { guard } = setUp({ evaluators: [evaluator] });
  await guard.task({}, async () => {
    await call(guard, "model", "one");
    await call(guard, "model", "two");
  });
  expect(asked.map(({ sources }) => sources)).toEqual([[], []]);
});

it("100,000 tool calls in one task keep the newest 256 sources, and count the others", async () => {
  const { evaluator, seen } = asking();
  const { guard } = setUp({ evaluators: [evaluator] });
  await guard.task({}, async () => {
    for (let index = 0; index < 100_000; index++) await call(guard, "search", `hit ${index}`);
    await call(guard, "model", "answer");
  });
  const sources = seen[0]?.sources ?? [];
  expect(sources).toHaveLength(256);
  expect(sources.at(-1)?.text).toBe("hit 99999");
  expect(guard.metrics().dropped.sources).toBe(100_000 - 256);
});

it("a task keeps 262,144 characters, the newest; a longer text is cut, and both are counted", async () => {
  const { evaluator, seen } = asking();
  const { guard } = setUp({ evaluators: [evaluator] });
  await guard.task({}, async () => {
    for (let index = 0; index < 10; index++) {
      await call(guard, "search", `${index} ${"word ".repeat(20_000)}`);
    }
    await call(guard, "model", "answer");
    expect(lengthOf(seen[0]?.sources)).toBeLessThanOrEqual(262_144);
    expect(seen[0]?.sources.map(({ text }) => text[0])).toEqual(["8", "9"]);
    expect(guard.metrics().dropped.sources).toBe(8);
    guard.addSources(["x ".repeat(5_000_000)]);
    await call(guard, "search", { text: "y ".repeat(5_000_000), file: "Q".repeat(1_000_000) });
    await call(guard, "model", "answer");
  });
  expect(lengthOf(seen[1]?.sources)).toBeLessThanOrEqual(262_144);
  expect(guard.metrics().dropped.sources).toBe(8 + 1 + 2 + 1 + 1);
});

function lengthOf(sources: readonly Source[] | undefined): number {
  return (sources ?? []).reduce((sum, { text }) => sum + text.length, 0);
}

it.each<[string, unknown]>([
  [
    "a getter that throws",
    {
      get text() {
        return broken();
      },
    },
  ],
  ["a Proxy that throws", new Proxy({}, { get: broken, ownKeys: broken, has: broken })],
  ["a list that throws", new Proxy([], { get: broken })],
  ["a revoked Proxy", revoked()],
])("%s as a source or an output fails no call, and is counted", async (_, hostile) => {
  const { evaluator, seen } = asking();
  const { guard } = setUp({ evaluators: [evaluator] });
  await guard.task({}, async (task) => {
    guard.addSources([hostile as string]);
    guard.addSources(hostile as string[]);
    task.addSources([hostile as string, "fine"]);
    await call(guard, "search", hostile);
    await call(guard, "search", "", { sources: hostile as string[] });
    await call(guard, "model", "answer");
  });
  expect(seen[0]?.sources).toEqual([{ text: "fine", from: "application" }]);
  expect(guard.metrics().dropped.sources).toBe(5);
});

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

it("cycles and deep data are read as far as they are bounded", async () => {
  const cycle: Record<string, unknown> = { name: "loop" };
  cycle["self"] = cycle;
  let deep: unknown = "bottom";
  for (let level = 0; level < 100_000; level++) deep = { deep };
  const { evaluator, texts } = asking();
  const { guard } = setUp({ evaluators: [evaluator] });
  await guard.task({}, async () => {
    await call(guard, "search", cycle);
    await call(guard, "search", deep);
    await call(guard, "model", "answer");
  });
  expect(texts()[0]).toMatch(/^name: loop\nname: loop/);
  expect(guard.metrics().dropped.sources).toBe(2);
});

it("nothing is held once tasks have ended, nor for calls that settle later", async () => {
  const guard = wireGuard({ clock: createFakeClock(), evaluators: [asking().evaluator] });
  const outer = openTask(guard, {});
  outer.addSources(["a"]);
  const inner = outer.run(() => openTask(guard, {}));
  inner.addSources(["b"]);
  expect(guard.sources.size).toBe(2);
  await outer.end();
  await inner.end();
  inner.addSources(["late"]);
  outer.addSources(["late"]);
  expect(guard.sources.size).toBe(0);
});

it("keeps nothing at all while no evaluator asks", async () => {
  const guard = wireGuard({
    clock: createFakeClock(),
    evaluators: [asking({ sources: false }).evaluator],
  });
  const task = openTask(guard, {});
  task.addSources(["a"]);
  expect(guard.sources.size).toBe(0);
  await task.end();
});
