import { createGuard } from "@burnrate/core";
import { describe, expect, it } from "vitest";
import { anEngine, anObjective, record } from "../test-fixture.ts";

describe("an engine's end", () => {
  it("a closed engine takes no guard and no listener, and still answers", async () => {
    const { engine, clock } = anEngine([anObjective()]);
    const closed = engine.close();
    const guard = createGuard({ clock });
    expect(() => engine.attach(guard)).toThrow("BR9001 attach: this engine is closed");
    expect(() => engine.on("alert-fired", () => {})).toThrow("BR9001 on: this engine is closed");
    await closed;
    record(engine, 10, 0);
    expect(engine.status("tasks")).toMatchObject({ state: "healthy", total: 10 });
    await guard.close();
  });
});

it("a listener that rejects is counted, and ends no process", async () => {
  const { engine, clock } = anEngine([anObjective()]);
  engine.on("state-changed", async () => {
    throw new Error("the pager does not answer");
  });
  record(engine, 1_000, 1_000);
  clock.advance(60_000);
  await new Promise((resolve) => setImmediate(resolve));
  expect(engine.metrics().listenerErrors).toBe(1);
  await engine.close();
});

it.each([
  ["objective", /objectives\[0\].* it has no "sli", "target", "window", .*"options"/],
  ["composite", /objectives\[0\].* it has no "of", "by"/],
] as const)("a part of %s that nobody made is refused, and told what it lacks", (kind, message) => {
  expect(() => anEngine([{ kind, name: "x" } as never])).toThrow(message);
});

it("a guard that takes no more downgrades is not attached, and counts nothing twice later", async () => {
  const actions = [{ on: "page", do: { downgrade: "careful" } }] as const;
  const { engine, clock } = anEngine([anObjective({ actions })]);
  const guard = createGuard({ clock });
  const options = { key: "other", reason: "a test", by: "on-call", when: () => false };
  const wanted = Array.from({ length: 1_000 }, () => guard.downgrade({ agent: "a" }, options));
  expect(() => engine.attach(guard)).toThrow("BR9001");
  wanted[0]?.();
  engine.attach(guard);
  await guard.task({ name: "refund" }, async () => "done");
  expect(engine.status("tasks").total).toBe(1);
  await engine.close();
  await guard.close();
});
