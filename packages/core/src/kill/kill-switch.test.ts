import { expect, it } from "vitest";
import { Emitter } from "../events/emitter.ts";
import { createFakeClock } from "../testing/fake-clock.ts";
import { KillEvents } from "./kill-events.ts";
import type { NewKillEntry } from "./kill-log.ts";
import { KillSwitch } from "./kill-switch.ts";
import { createMemoryKillLog } from "./memory-kill-log.ts";

type NewKill = NewKillEntry & { readonly kind: "kill" };

function world() {
  const clock = createFakeClock();
  const log = createMemoryKillLog();
  const emitter = new Emitter();
  const killSwitch = new KillSwitch(log, clock, new KillEvents(emitter), []);
  void killSwitch.open();
  const kill = (id: string, more: Partial<NewKill> = {}): NewKill => ({
    ...{ kind: "kill", id, target: { budget: "b" }, level: "stop", reason: "r", by: "me" },
    ...{ atMs: clock.wallMs(), expiresAtMs: undefined },
    ...more,
  });
  const pull = (entry: NewKill): void => {
    killSwitch.arm(entry);
    void killSwitch.append(entry);
  };
  return { clock, log, emitter, killSwitch, kill, pull };
}

it("forgets kills of accounts whose windows have ended, however many there were", () => {
  const { clock, killSwitch, kill, pull } = world();
  for (let index = 0; index < 10_000; index++) {
    const expiresAtMs = clock.wallMs() + 10;
    pull(kill(`k-${index}`, { account: `b|user=${index}`, expiresAtMs }));
    clock.advance(1);
    expect(killSwitch.size).toBeLessThanOrEqual(1_010); // of a second, and those still in force
  }
  expect(killSwitch.coversAccount("b|user=9999")).toBe(true);
});

it("keeps kills that have not expired, however many there are, and finds them at once", () => {
  const { killSwitch, kill, pull } = world();
  for (let index = 0; index < 5_000; index++) {
    pull(kill(`k-${index}`, { account: `b|user=${index}` }));
  }
  expect(killSwitch.list()).toHaveLength(5_000);
  expect(killSwitch.find("k-0")).toMatchObject({ account: "b|user=0", epoch: 1 });
});

it("takes a kill that stands in the log twice, because it was told again, for one", () => {
  const { emitter, killSwitch, kill, log } = world();
  const heard: unknown[] = [];
  emitter.on("kill-issued", ({ id, epoch }) => heard.push([id, epoch]));
  emitter.on("kill-revived", ({ id, epoch }) => heard.push([id, epoch]));
  void log.append(kill("k-1"));
  void log.append(kill("k-1"));
  expect(killSwitch.list()).toMatchObject([{ id: "k-1", epoch: 1 }]);
  void log.append(kill("k-1", { level: "abort" }));
  expect(killSwitch.list()).toMatchObject([{ epoch: 1 }, { epoch: 3, level: "abort" }]);
  void log.append({ kind: "revive", id: "k-1", reason: "r", by: "me", atMs: kill("k-1").atMs });
  expect(killSwitch.size).toBe(0);
  expect(heard).toEqual([1, 3, 4].map((epoch) => ["k-1", epoch]));
});

it("is told once of a kill that the log delivers again, and never of one as of another", () => {
  const { emitter, killSwitch, kill, log } = world();
  const heard: unknown[] = [];
  emitter.on("kill-issued", ({ id, epoch }) => heard.push([id, epoch]));
  const line = log.append(kill("k-1"));
  for (let times = 0; times < 3; times++) killSwitch.follow(line as never);
  void log.append(kill("k-1", { target: { agent: "a" } }));
  expect(heard).toEqual([
    ["k-1", 1],
    ["k-1", 2],
  ]);
  expect(killSwitch.list()).toHaveLength(2);
  void log.append({ kind: "revive", id: "k-1", reason: "r", by: "me", atMs: 0 });
  expect(killSwitch.size).toBe(0);
});

it("tells of a kill that a task's end takes back with the number of its line", () => {
  const { emitter, killSwitch, kill, pull } = world();
  const epochs: number[] = [];
  emitter.on("kill-revived", ({ epoch }) => epochs.push(epoch));
  pull(kill("k-1", { account: "b|task=t\n1" }));
  killSwitch.lift({ kind: "revive", id: "k-1", reason: "ended", by: "burnrate", atMs: 0 });
  expect(epochs).toEqual([2]);
});

it("tells who had pulled what is taken back, when and why", () => {
  const { emitter, killSwitch, log, kill } = world();
  const taken: unknown[] = [];
  emitter.on("kill-revived", (event) => taken.push(event.kill));
  void killSwitch.open();
  void log.append(kill("k-1", { by: "ann", reason: "loops", atMs: 7 }));
  void log.append({ kind: "revive", id: "k-1", reason: "mended", by: "bob", atMs: 9 });
  expect(taken).toMatchObject([{ id: "k-1", by: "ann", reason: "loops", atMs: 7, level: "stop" }]);
});

it("a log that is compacted keeps a kill whose id was revived before", () => {
  const { log, kill } = world();
  void log.append(kill("k-1"));
  void log.append({ kind: "revive", id: "k-1", reason: "r", by: "me", atMs: 0 });
  void log.append(kill("k-1"));
  for (let index = 0; index < 5_000; index++)
    void log.append(kill(`n-${index}`, { expiresAtMs: 1 }));
  const kept = log.read(0) as readonly { id: string; epoch: number }[];
  expect(kept.length).toBeLessThan(2_100);
  expect(kept.filter(({ id }) => id === "k-1").map(({ epoch }) => epoch)).toEqual([3]);
});

it("pulls no kill again that was revived, where two readings of the log overlap", async () => {
  const { clock, log, emitter, kill } = world();
  const { id } = await log.append(kill("k-1", { level: "abort" }));
  await log.append({ kind: "revive", id, reason: "r", by: "me", atMs: clock.wallMs() });
  const slow = { ...log, read: async (epoch: number) => log.read(epoch) };
  const late = new KillSwitch(slow, clock, new KillEvents(emitter), []);
  const heard: unknown[] = [];
  emitter.on("kill-issued", (issued) => heard.push(issued.id));
  late.onKill = (pulled) => heard.push(["pulled", pulled.id]);
  await Promise.all([late.open(), late.pull()]);
  expect(heard).toEqual([["pulled", "k-1"]]);
  expect(late.list()).toEqual([]);
});

it("pulls no kill again whose message comes after its revive was read, but one that came later", async () => {
  const { clock, log, emitter, kill } = world();
  const deaf = new KillSwitch(
    { ...log, subscribe: () => () => {} },
    clock,
    new KillEvents(emitter),
    [],
  );
  await deaf.open();
  const line = await log.append(kill("k-1"));
  clock.advance(1);
  const revive = { kind: "revive", id: "k-1", reason: "r", by: "me" } as const;
  await log.append({ ...revive, atMs: clock.wallMs() });
  await deaf.pull();
  deaf.follow(line);
  expect(deaf.list()).toEqual([]);
  clock.advance(1);
  deaf.follow({ ...kill("k-1"), epoch: 1 }); // of a log that has lost both
  expect(deaf.list()).toHaveLength(1);
});

it("names the oldest of several kills that cover the same, and lists them in that order", () => {
  const { killSwitch, kill, pull } = world();
  const targets = [{ org: "o" }, { user: "u" }, { team: "t" }, { session: "s" }] as const;
  targets.forEach((target, at) => void pull(kill(`k-${at}`, { target })));
  const context = { org: "o", team: "t", user: "u", session: "s" };
  const frame = { context, tasks: [], purpose: "agent" } as const;
  expect(killSwitch.list().map(({ id }) => id)).toEqual(["k-0", "k-1", "k-2", "k-3"]);
  for (let at = 0; at < targets.length; at++) {
    expect(killSwitch.coversTask(frame)?.id).toBe(`k-${at}`);
    killSwitch.lift({ kind: "revive", id: `k-${at}`, reason: "r", by: "me", atMs: 0 });
  }
  expect(killSwitch.coversTask(frame)).toBeUndefined();
});

it("looks for kills that have expired once a second, however soon others will", () => {
  const { clock, killSwitch, kill, pull } = world();
  const sizes: number[] = [];
  for (let index = 0; index < 1_500; index++) {
    pull(kill(`k-${index}`, { target: { user: `u-${index}` }, expiresAtMs: clock.wallMs() + 1 }));
    clock.advance(1);
    sizes.push(killSwitch.size);
  }
  expect(sizes.filter((size, at) => size <= (sizes[at - 1] ?? 0))).toHaveLength(2);
});

it("forgets kills of contexts that have expired, though nobody comes who is killed", () => {
  const { clock, killSwitch, kill, pull } = world();
  const frame = { context: { user: "else" }, tasks: [], purpose: "agent" } as const;
  for (let index = 0; index < 100; index++) {
    const expiresAtMs = clock.wallMs() + 10 * (index + 1);
    pull(kill(`k-${index}`, { target: { user: `u-${index}` }, expiresAtMs }));
  }
  clock.advance(2_000);
  expect(killSwitch.coversTask(frame)).toBeUndefined();
  expect(killSwitch.size).toBeLessThan(100);
  clock.advance(1_000);
  expect(killSwitch.coversTask(frame)).toBeUndefined();
  expect(killSwitch.size).toBe(0);
});
