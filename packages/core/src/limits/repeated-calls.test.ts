import { describe, expect, it } from "vitest";
import { codeOf, model, setUp, spend, used } from "../guard/test-fixture.ts";
import type { CallRequest, Guard, GuardOptions, LoopDetectedEvent } from "../index.ts";

function search(query: string, more: Partial<CallRequest> = {}): CallRequest {
  return { kind: "tool", name: "search", input: { query, limit: 5 }, ...more };
}

function watch(limits?: GuardOptions["limits"], more: GuardOptions = {}) {
  const { guard } = setUp({ ...(limits !== undefined && { limits }), ...more });
  const loops: LoopDetectedEvent[] = [];
  guard.on("loop-detected", (event) => loops.push(event));
  return { guard, loops };
}

async function ask(guard: Guard, request: CallRequest, times: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    await guard
      .begin(request)
      .then((call) => call.settle())
      .catch(() => {});
  }
}

describe("the same tool call again and again", () => {
  it("is found also after thousands of tasks that set their org inside, which are forgotten", async () => {
    const { guard } = watch({ rules: ["5 steps per task"], repeatedToolCall: { refuseAt: 2 } });
    const loop = (): Promise<unknown> =>
      guard.task({ name: "t" }, () =>
        guard.with({ org: "acme" }, async () => {
          await spend(guard);
          await ask(guard, search("x"), 1);
          return codeOf(guard.begin(search("x")));
        }),
      );
    for (let count = 0; count < 10_002; count++) await loop();
    expect(await loop()).toBe("BR4003");
    expect(guard.metrics().dropped.limitKeys).toBe(0);
  });

  it("raises an event at the 25th of a task, without any configuration, and goes on", async () => {
    const { guard, loops } = watch();
    await guard.task({ name: "t", agent: "a" }, async ({ id }) => {
      await ask(guard, search("x"), 24);
      expect(loops).toEqual([]);
      await ask(guard, search("x"), 1);
      expect(loops).toEqual([
        {
          provider: undefined,
          name: "search",
          task: id,
          count: 25,
          do: "alert",
          context: expect.objectContaining({ agent: "a", task: id }),
        },
      ]);
      await ask(guard, search("x"), 50);
      expect(loops).toHaveLength(1);
    });
  });

  it("tells nothing of the arguments", async () => {
    const { guard, loops } = watch({ repeatedToolCall: { alertAt: 2, refuseAt: 3 } });
    await guard.task({ name: "t" }, async () => {
      await ask(guard, search("hunter2"), 2);
      const error = await guard.begin(search("hunter2")).catch((refused: unknown) => refused);
      expect(JSON.stringify([loops, error, String(error)])).not.toContain("hunter2");
    });
    expect(loops.map((loop) => loop.do)).toEqual(["alert", "refuse"]);
  });

  it("is another one with other arguments, in another task, or outside of tasks", async () => {
    const { guard, loops } = watch();
    await guard.task({ name: "t" }, async () => {
      for (let page = 0; page < 100; page++) await ask(guard, search(`page ${page}`), 1);
    });
    for (let task = 0; task < 30; task++) {
      await guard.task({ name: "t" }, () => ask(guard, search("x"), 1));
    }
    await ask(guard, search("x"), 60);
    expect(loops).toEqual([]);
  });

  it("is found among others that come between", async () => {
    const { guard, loops } = watch();
    await guard.task({ name: "t" }, async () => {
      for (let round = 0; round < 25; round++) {
        await ask(guard, search("x"), 1);
        for (let other = 0; other < 50; other++) await ask(guard, search(`${round} ${other}`), 1);
      }
    });
    expect(loops).toHaveLength(1);
  });

  it("is counted though it is refused: who is merely denied goes on asking", async () => {
    const policy = { decide: () => ({ outcome: "deny" }) };
    const { guard, loops } = watch(undefined, { policy });
    await guard.task({ name: "t" }, () => ask(guard, search("x"), 25));
    expect(loops).toHaveLength(1);
  });

  it("is counted once while it waits for held money", async () => {
    const { guard, loops } = watch(
      { repeatedToolCall: { alertAt: 3 } },
      {
        budgets: ["1 calls/day"],
        onHeld: "wait",
      },
    );
    await guard.task({ name: "t" }, async () => {
      const first = await guard.begin(search("x"));
      const waiting = guard.begin(search("x"));
      await first.release();
      await (await waiting).release();
    });
    expect(loops).toEqual([]);
  });
});

describe("a repeated tool call that is refused", () => {
  const limits = { repeatedToolCall: { refuseAt: 3 } };

  it("ends its task's calls: the next model call is refused, too", async () => {
    const { guard, loops } = watch(limits);
    await guard.task({ name: "t" }, async ({ id }) => {
      await ask(guard, search("x"), 2);
      await spend(guard);
      const error = await guard.begin(search("x")).catch((refused: unknown) => refused);
      expect(error).toMatchObject({ code: "BR4003", scope: `task:${id}`, details: { count: 3 } });
      expect(String(error)).toMatch(/"search" with the same arguments 3 times.*refuseAt/);
      expect(await codeOf(guard.begin(model(1, 1)))).toBe("BR4003");
      expect(await codeOf(guard.begin(search("something else")))).toBe("BR4003");
      await guard.task({ name: "inner" }, async () => {
        expect(await codeOf(guard.begin(model(1, 1)))).toBe("BR4003");
      });
    });
    expect(loops.filter((loop) => loop.do === "refuse")).toHaveLength(1);
  });

  it("touches no other task, neither beside nor after nor of another tenant", async () => {
    const { guard } = watch(limits);
    await guard.with({ org: "acme" }, () =>
      guard.task({ name: "t" }, async () => {
        await ask(guard, search("x"), 5);
        expect(await codeOf(guard.begin(model(1, 1)))).toBe("BR4003");
      }),
    );
    await guard.with({ org: "acme", task: "shared" }, () => ask(guard, search("x"), 5));
    await guard.with({ org: "other", task: "shared" }, () => spend(guard));
    await guard.task({ name: "t" }, async () => {
      await ask(guard, search("x"), 2);
      await spend(guard);
    });
    expect(await codeOf(guard.begin(model(1, 1)))).toBeUndefined();
  });

  it("reaches a call of its task that a human was still thinking about", async () => {
    let allow = (): void => {};
    const thought = new Promise<void>((resolve) => {
      allow = resolve;
    });
    const policy = {
      decide: ({ kind }: { kind: string }) =>
        kind === "tool" ? { outcome: "allow" } : thought.then(() => ({ outcome: "allow" })),
    };
    const { guard } = watch(limits, { policy });
    await guard.task({ name: "t" }, async () => {
      const waiting = guard.begin(model(1, 1));
      const code = codeOf(waiting);
      await ask(guard, search("x"), 3);
      allow();
      expect(await code).toBe("BR4003");
    });
  });

  it("does not stop an evaluator from judging what was done", async () => {
    const verdicts: (string | undefined)[] = [];
    const { guard } = watch(limits, {
      evaluators: [
        {
          name: "judge",
          on: "task",
          mode: "inline",
          evaluate: async () => {
            verdicts.push(await codeOf(guard.begin(model(1, 1))));
            return { passed: true };
          },
        },
      ],
    });
    await guard.task({ name: "t" }, () => ask(guard, search("x"), 5));
    expect(verdicts).toEqual([undefined]);
  });

  it("is never forgotten, however many tasks come after", async () => {
    const { guard } = watch(limits);
    await guard.task({ name: "looping" }, async () => {
      await ask(guard, search("x"), 5);
      for (let other = 0; other < 25_000; other++) {
        await guard.with({ task: `other-${other}` }, () => ask(guard, search("y"), 1));
      }
      expect(await codeOf(guard.begin(model(1, 1)))).toBe("BR4003");
    });
  });

  it("leaves hooks that hold a permit already alone", async () => {
    const { guard } = watch(limits);
    await guard.task({ name: "t" }, async () => {
      const call = await guard.begin(model(1, 1));
      await ask(guard, search("x"), 5);
      call.dispatched();
      expect((await call.settle(used(1, 1))).outcome).toBe("success");
    });
  });
});
