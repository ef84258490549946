import { describe, expect, it } from "vitest";
import type { CallRequest, Gate } from "../index.ts";
import { codeOf, model, setUp, spend, tool, WHY } from "./test-fixture.ts";

type Ended = [taskId: string, org: string | undefined];

/** A gate that refuses nothing and hears of tasks that end. */
function listening(): Gate & { readonly ended: Ended[] } {
  const ended: Ended[] = [];
  return {
    name: "listening",
    ended,
    attach: (host) => host.onTaskEnd?.((id, org) => ended.push([id, org])),
    look: () => undefined,
    acquire: () => undefined,
  };
}

describe("a gate hears of a task that ends", () => {
  it("once for its organisation", async () => {
    const limits = listening();
    const { guard } = setUp({ limits });
    const id = await guard.task({ name: "job", org: "acme" }, async (task) => {
      await spend(guard);
      await spend(guard);
      return task.id;
    });
    expect(limits.ended).toEqual([[id, "acme"]]);
  });

  it("once more for each organisation that was set inside and made calls", async () => {
    const limits = listening();
    const { guard } = setUp({ limits, budgets: ["2 calls/day per org"] });
    const id = await guard.task({ name: "job" }, async (task) => {
      await guard.with({ org: "globex" }, () => spend(guard));
      await guard.with({ org: "idle" }, async () => undefined);
      for (let turn = 0; turn < 2; turn++) await guard.with({ org: "acme" }, () => spend(guard));
      return task.id;
    });
    expect(limits.ended).toEqual([
      [id, undefined],
      [id, "globex"],
      [id, "acme"],
    ]);
  });

  it("also where every call of an organisation was refused", async () => {
    const limits = listening();
    const { guard } = setUp({ limits });
    await guard.kill({ org: "acme" }, WHY);
    const id = await guard.task({ name: "job" }, async (task) => {
      await guard.with({ org: "acme" }, async () => {
        expect(await codeOf(guard.begin(model(1, 1)))).toBe("BR1001");
      });
      return task.id;
    });
    expect(limits.ended).toEqual([
      [id, undefined],
      [id, "acme"],
    ]);
  });

  it("also where a call goes on after it, or its caller went while a policy thought", async () => {
    const limits = listening();
    const decide = ({ kind }: { readonly kind: string }) =>
      kind === "tool" ? new Promise<never>(() => {}) : { outcome: "allow" };
    const { guard } = setUp({ limits, policy: { decide } });
    const inOrg = (org: string, request: CallRequest) =>
      guard.with({ org }, () => guard.begin(request));
    const { id, permit } = await guard.task({ name: "job" }, async (task) => {
      const caller = new AbortController();
      const asked = inOrg("globex", { ...tool("search"), signal: caller.signal });
      caller.abort();
      await expect(asked).rejects.toThrow();
      return { id: task.id, permit: await inOrg("acme", model(1, 1)) };
    });
    expect(limits.ended).toEqual([
      [id, undefined],
      [id, "globex"],
      [id, "acme"],
    ]);
    await permit.release();
  });

  it("for an outer task, too, when an inner one sets the organisation", async () => {
    const limits = listening();
    const { guard } = setUp({ limits });
    const ids = await guard.task({ name: "outer" }, (outer) =>
      guard.task({ name: "inner", org: "acme" }, async (inner) => {
        await spend(guard);
        return [inner.id, outer.id];
      }),
    );
    expect(limits.ended).toEqual([
      [ids[0], "acme"],
      [ids[1], undefined],
      [ids[1], "acme"],
    ]);
  });
});
