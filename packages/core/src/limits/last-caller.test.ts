import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CallRecord } from "../call/call-record.ts";
import { createFakeClock } from "../testing/fake-clock.ts";
import { createLimits, type Limits } from "./create-limits.ts";
import { call } from "./test-fixture.ts";

type Request = Parameters<Limits["look"]>[0];
type Hold = { release(record: CallRecord | undefined): void };

let made = 0;

function request(more: Partial<Request> = {}): Request {
  return { ...call(made++, "u"), ...more };
}

/** What the call holds; undefined where it was refused. */
function take(limits: Limits, asked: Request): Hold | undefined {
  const taken = limits.look(asked) ?? limits.acquire(asked);
  if (taken === undefined) throw new Error("no limit covered the call");
  return "code" in taken ? undefined : taken;
}

const callers = fc.record({
  org: fc.constantFrom("acme", "globex"),
  user: fc.constantFrom("u-1", "u-2"),
  agent: fc.constantFrom("a", "a/b"),
  session: fc.constantFrom("s-1", "s-2"),
});
const steps = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        context: callers,
        kind: fc.constantFrom("model" as const, "tool" as const),
      }),
    },
    { weight: 1, arbitrary: fc.record({ giveBack: fc.nat(30) }) },
  ),
  { maxLength: 60 },
);

/** Most at once, by the first letter of what is counted. */
const MOST: Readonly<Record<string, number>> = { u: 3, a: 4, s: 2 };

/** Everything that a call counts under. */
function keysOf(kind: string, { context }: Pick<Request, "context">): string[] {
  const { org, user, agent, session } = context;
  const agents = agent === "a" ? ["a"] : ["a", "a/b"];
  const keys = [`u ${org} ${user}`, ...agents.map((path) => `a ${org} ${path}`)];
  return kind === "model" ? [...keys, `s ${org} ${session}`] : keys;
}

describe("callers that come again and in turns", () => {
  it("count as if each were looked up", () => {
    const follow = (given: typeof steps extends fc.Arbitrary<infer T> ? T : never): void => {
      const limits = createLimits([
        "3 at once per user",
        "4 at once per agent",
        { concurrency: 2, per: ["session", "provider"], match: { kind: "model" } },
      ]);
      const inFlight: { hold: Hold; keys: string[] }[] = [];
      const fits = (key: string): boolean => {
        const taken = inFlight.filter(({ keys }) => keys.includes(key)).length;
        return taken < (MOST[key.charAt(0)] ?? 0);
      };
      for (const step of given) {
        if ("giveBack" in step) {
          const at = step.giveBack % Math.max(1, inFlight.length);
          inFlight.splice(at, 1)[0]?.hold.release(undefined);
          continue;
        }
        const keys = keysOf(step.kind, step);
        const hold = take(limits, request(step));
        expect(hold !== undefined).toBe(keys.every(fits));
        if (hold !== undefined) inFlight.push({ hold, keys });
      }
    };
    fc.assert(fc.property(steps, follow));
  });

  it("are not taken for those of a provider that another guard knows by another name", () => {
    const limits = createLimits(["2/hour per provider"]);
    const asked = (canonicalProvider: string): boolean =>
      take(limits, request({ provider: "google.vertex", canonicalProvider })) !== undefined;
    expect([asked("google"), asked("google"), asked("google")]).toEqual([true, true, false]);
    expect(asked("google.vertex")).toBe(true);
  });

  it("keep what they counted while organisations that nobody uses make room", () => {
    const limits = createLimits([
      "3 calls per session",
      { calls: 1, per: "task", match: { kind: "tool" } },
    ]);
    let orgs = 0;
    const isIn = (asked: Partial<Request>): boolean => {
      const hold = take(limits, request(asked));
      hold?.release({ outcome: "success" } as CallRecord);
      return hold !== undefined;
    };
    const others = (count: number): void => {
      for (let made = 0; made < count; made++) {
        const context = { org: `o-${orgs++}`, session: "s" };
        isIn({ kind: "tool", context, tasks: ["t"] });
      }
    };
    const mine = (): boolean => isIn({ context: { org: "mine", session: "s" } });
    others(5_000);
    expect([mine(), mine(), mine(), mine()]).toEqual([true, true, true, false]);
    others(5_000);
    for (let turn = 0; turn < 60; turn++) {
      expect(mine()).toBe(false);
      others(100);
    }
  });

  it("are looked up again when what they counted under has made room", () => {
    const clock = createFakeClock();
    const limits = createLimits([
      "2/hour per user",
      { concurrency: 5, per: "task", match: { kind: "tool" } },
    ]);
    limits.attach({ clock, emit: () => {}, on: () => () => {}, warn: () => {} });
    const inTask = (org: string): Request =>
      request({ kind: "tool", context: { org, user: "u", task: "t" }, tasks: ["t"] });
    const mine = { context: { org: "acme", user: "u" } };
    for (let turn = 0; turn < 2; turn++) take(limits, request(mine))?.release(undefined);
    clock.advance(3_600_000);
    // Calls that go by their task are not remembered; acme's counts are as good as new, and go.
    for (let org = 0; org < 10_000; org++) take(limits, inTask(`o-${org}`))?.release(undefined);
    clock.advance(3_600_000);
    for (let turn = 0; turn < 2; turn++) expect(take(limits, request(mine))).toBeDefined();
    expect(take(limits, inTask("acme"))).toBeUndefined();
  });
});
