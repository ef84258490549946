import { describe, expect, it } from "vitest";
import { codeOf, setUp, spend, tool } from "../guard/test-fixture.ts";

const SESSION = { limits: [{ calls: 2, per: "session" as const, ttlMs: 1_000 }] };

describe("a call of a session that was not sent", () => {
  it("is given back beside one that was sent in the same instant", async () => {
    const { guard, clock } = setUp(SESSION);
    await guard.with({ session: "s" }, async () => {
      clock.advance(5_000);
      const unsent = await guard.begin(tool("t"));
      await spend(guard, tool("t"));
      await unsent.release();
      clock.advance(999);
      await spend(guard, tool("t"));
      expect(await codeOf(spend(guard, tool("t")))).toBe("BR4001");
    });
    await guard.close();
  });

  it("is not given back to a session that has begun anew since", async () => {
    const { guard, clock } = setUp(SESSION);
    await guard.with({ session: "s" }, async () => {
      const unsent = await guard.begin(tool("t"));
      clock.advance(1_500);
      await spend(guard, tool("t"));
      await unsent.release();
      await spend(guard, tool("t"));
      expect(await codeOf(spend(guard, tool("t")))).toBe("BR4001");
    });
    await guard.close();
  });

  it("does not keep a session from ending", async () => {
    const { guard, clock } = setUp(SESSION);
    await guard.with({ session: "s" }, async () => {
      clock.advance(5_000);
      await spend(guard, tool("t"));
      clock.advance(900);
      await (await guard.begin(tool("t"))).release();
      clock.advance(100);
      await spend(guard, tool("t"));
      await spend(guard, tool("t"));
      expect(await codeOf(spend(guard, tool("t")))).toBe("BR4001");
    });
    await guard.close();
  });
});
