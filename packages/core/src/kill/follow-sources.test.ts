import { describe, expect, it } from "vitest";
import { codeOf, model, setUp, WHY } from "../guard/test-fixture.ts";
import { createMemoryStore, type KillSource, type SourcedKill } from "../index.ts";

const KILL: SourcedKill = {
  id: "k",
  target: { agent: "support" },
  level: "stop",
  reason: "the store is down and it must stop",
  by: "on-call",
};

/** A source that says what it is told to. */
function source(first: readonly SourcedKill[] = []) {
  let say: (kills: readonly SourcedKill[]) => void = () => {};
  let stopped = false;
  const made: KillSource = {
    name: "test",
    watch(onKills) {
      say = onKills;
      onKills(first);
      return () => {
        stopped = true;
      };
    },
  };
  return {
    made,
    say: (kills: readonly SourcedKill[]) => say(kills),
    get stopped() {
      return stopped;
    },
  };
}

function guardWith(made: KillSource, options: Parameters<typeof setUp>[0] = {}) {
  const { guard } = setUp({ ...options, killSources: [made] });
  const asSupport = () => guard.with({ agent: "support" }, () => codeOf(guard.begin(model(1, 1))));
  return { guard, asSupport };
}

describe("a kill from outside", () => {
  it("is in force before the first call, and binds nobody else", async () => {
    const { guard, asSupport } = guardWith(source([KILL]).made);
    expect(await asSupport()).toBe("BR1001");
    expect(await codeOf(guard.begin(model(1, 1)))).toBeUndefined();
    expect(guard.kills()).toMatchObject([{ id: "test:k", reason: KILL.reason, by: "on-call" }]);
  });

  it("comes and goes while the guard runs, once each, whoever else is killed", async () => {
    const outside = source();
    const { guard, asSupport } = guardWith(outside.made);
    const told: string[] = [];
    guard.on("kill-issued", ({ id }) => told.push(`issued ${id}`));
    guard.on("kill-revived", ({ id }) => told.push(`revived ${id}`));
    outside.say([KILL]);
    outside.say([KILL]);
    expect(await asSupport()).toBe("BR1001");
    outside.say([]);
    outside.say([]);
    expect(await asSupport()).toBeUndefined();
    expect(told).toEqual(["issued test:k", "revived test:k"]);
  });

  it("is told to whoever listens to the guard as soon as it is made, with those of the log", async () => {
    const store = createMemoryStore();
    const { guard: other } = setUp({ store });
    await other.kill({ tool: "shell" }, WHY);
    const { guard } = guardWith(source([KILL]).made, { store });
    const told: unknown[] = [];
    guard.on("kill-issued", ({ target, source: from }) => told.push([target, from]));
    await Promise.resolve();
    expect(told).toEqual([
      [{ agent: "support" }, "test"],
      [{ tool: "shell" }, undefined],
    ]);
  });

  it("cuts calls in flight at level abort", async () => {
    const outside = source();
    const { guard } = guardWith(outside.made);
    const permit = await guard.begin(model(1, 1));
    permit.dispatched();
    outside.say([{ ...KILL, target: "everything", level: "abort" }]);
    expect(permit.signal.aborted).toBe(true);
  });

  it("asks nobody: it works though authorize says no", async () => {
    const { asSupport } = guardWith(source([KILL]).made, { authorize: () => false });
    expect(await asSupport()).toBe("BR1001");
  });

  it.each<[string, Partial<SourcedKill>]>([
    ["an empty scope", { target: {} }],
    ["a misspelt field", { target: { agnet: "support" } as never }],
    ["an unknown level", { level: "pause" as never }],
    ["no reason", { reason: "" }],
  ])("that makes no sense (%s) stops everything", async (_, wrong) => {
    const { guard } = guardWith(source([{ ...KILL, ...wrong }]).made);
    expect(await codeOf(guard.begin(model(1, 1)))).toBe("BR1001");
    expect(guard.kills()[0]?.reason).toMatch(/cannot be understood/);
  });

  it("ends where it came from: no revive takes it back, now or from the log", async () => {
    const store = createMemoryStore();
    const { guard, asSupport } = guardWith(source([KILL]).made, { store });
    const error = await guard.with({ agent: "support" }, () =>
      guard.begin(model(1, 1)).catch((refusal: Error) => refusal),
    );
    expect(error).toMatchObject({ details: { killId: "test:k", source: "test" } });
    expect((error as Error).message).toMatch(/To go on: take it back where it came from \(test\)/);
    await expect(guard.revive("test:k", WHY)).rejects.toThrow(/^BR9001 .*from outside \(test\)/);
    await store.killLog.append({ ...WHY, kind: "revive", id: "test:k", atMs: 0 });
    expect(await asSupport()).toBe("BR1001");
    expect(await guardWith(source([KILL]).made, { store }).asSupport()).toBe("BR1001");
  });

  it("is watched no more when the guard is closed", async () => {
    const outside = source();
    const { guard } = guardWith(outside.made);
    await guard.close();
    expect(outside.stopped).toBe(true);
  });

  it("that fails to stop keeps no guard from closing its store", async () => {
    const store = createMemoryStore();
    let closed = false;
    const close = async (): Promise<void> => {
      closed = true;
    };
    const stop = (): void => {
      throw new Error("already stopped");
    };
    const { guard } = guardWith(
      { name: "test", watch: () => stop },
      { store: { ...store, ledger: { ...store.ledger, close } } },
    );
    await guard.close();
    expect(closed).toBe(true);
  });

  it.each<[string, () => unknown]>([
    ["nothing", () => {}],
    ["a promise", async () => () => {}],
    ["a promise that rejects", () => Promise.reject(new Error("no route to host"))],
  ])("whose watch returns %s is refused, because it could not be stopped", (_, watch) => {
    const made = { name: "test", watch } as never;
    expect(() => setUp({ killSources: [made] })).toThrow(/^BR9001 killSources: "test"\.watch/);
  });
});
