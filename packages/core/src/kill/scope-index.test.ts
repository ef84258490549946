import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ContextFrame } from "../context/context-frame.ts";
import type { ArmedKill } from "./armed-kills.ts";
import type { KillScope, KillTarget } from "./kill-scope.ts";
import { compileScope } from "./match-scope.ts";
import { ScopeIndex } from "./scope-index.ts";

function armed(target: KillTarget, version = 1): ArmedKill {
  const why = { reason: "r", by: "me", atMs: 0, expiresAtMs: undefined } as const;
  const entry = {
    kind: "kill",
    epoch: 1,
    id: `k-${version}`,
    target,
    level: "stop",
    ...why,
  } as const;
  const scope = compileScope(target);
  return { entry, announced: true, scope, expiresAtMs: Infinity, version, running: undefined };
}

function frame(context: ContextFrame["context"], tasks: readonly string[] = []): ContextFrame {
  return { context, tasks, purpose: "agent" };
}

const name = fc.constantFrom("a", "b", "a/b", "a/b/c", "b/a", "ab");
const someNames = fc.record(
  { org: name, team: name, user: name, session: name, agent: name },
  { requiredKeys: [] },
);
const scopes: fc.Arbitrary<KillTarget> = fc.oneof(
  fc.constant<KillTarget>("everything"),
  fc
    .record({ names: someNames, more: fc.record({ task: name, tool: name }, { requiredKeys: [] }) })
    .map(({ names, more }): KillScope => ({ ...names, ...more }))
    .filter((scope) => Object.keys(scope).length > 0),
);

describe("kills near a frame", () => {
  it("are all that cover it, whatever was added and taken out", () => {
    const frames = fc.record({ context: someNames, tasks: fc.uniqueArray(name, { maxLength: 3 }) });
    const kills = fc.array(fc.record({ target: scopes, stays: fc.boolean() }), { maxLength: 12 });
    fc.assert(
      fc.property(kills, frames, (given, { context, tasks }) => {
        const index = new ScopeIndex();
        const here = frame(context, tasks);
        const all = given.map(({ target }, version) => armed(target, version));
        for (const kill of all) index.add(kill);
        const left = all.filter((kill, at) => given[at]?.stays || !index.delete(kill));
        expect([...index]).toHaveLength(left.length);
        expect(index.size).toBe(left.length);
        expect(new Set(index)).toEqual(new Set(left));
        const near = new Set(index.near(here));
        const covering = left.filter(({ scope }) => scope.matchesContext(here));
        expect(covering.filter((kill) => !near.has(kill))).toEqual([]);
      }),
    );
  });

  it("are few, however many others are killed", () => {
    const index = new ScopeIndex();
    for (const field of ["org", "team", "user", "agent", "session", "task"]) {
      for (let other = 0; other < 1_000; other++) index.add(armed({ [field]: `other-${other}` }));
    }
    const own = [
      armed({ tool: "search", user: "me" }),
      armed({ agent: "a" }),
      armed({ tool: "x" }),
    ];
    for (const kill of own) index.add(kill);
    const me = frame({ org: "o", team: "t", user: "me", agent: "a/b", session: "s" }, ["t-1"]);
    expect(new Set(index.near(me))).toEqual(new Set(own));
  });

  it("that are not there are not taken out", () => {
    const index = new ScopeIndex();
    const kill = armed({ user: "a" });
    index.add(kill);
    expect(index.delete(armed({ user: "a" }))).toBe(false);
    expect(index.delete(kill)).toBe(true);
    expect(index.delete(kill)).toBe(false);
    expect(index.size).toBe(0);
  });
});
