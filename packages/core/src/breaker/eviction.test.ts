import { describe, expect, it } from "vitest";
import { MINUTE, modelCall, setUpBreaker } from "./test-fixture.ts";

/** As many circuits of models as there is room for. */
const ROOM = 2_048;

describe("a circuit that made room for others", () => {
  it("leaves nothing behind, and a call of it that still runs counts for nobody else", () => {
    const { breaker, begin, call, end, events } = setUpBreaker();
    call("success", {}, modelCall("first"));
    const running = begin(modelCall("first"));
    for (let index = 0; index < ROOM; index++) call("success", {}, modelCall(`other-${index}`));
    expect(breaker.circuits().some(({ key }) => key === "openai/first")).toBe(false);
    end(running, "server-error");
    const late = begin(modelCall("other-0"));
    for (let index = 0; index < ROOM; index++) call("success", {}, modelCall(`more-${index}`));
    end(late, "rate-limited", { retryAfterMs: 10_000 });
    expect(events).toEqual([]);
    expect(breaker.circuits()).toHaveLength(ROOM);
    for (const { calls, failures } of breaker.circuits()) {
      expect({ calls, failures }).toEqual({ calls: 1, failures: 0 });
    }
  });
});

describe("what calls make after a force of everything is over", () => {
  it("takes no room of others for good: names that do not exist are let go", () => {
    const { breaker, call, clock } = setUpBreaker();
    breaker.forceOpen("*", { reason: "test", by: "ana", ttlMs: MINUTE });
    clock.advance(MINUTE);
    for (let index = 0; index < ROOM; index++) call("client-error", {}, modelCall(`no-${index}`));
    for (let index = 0; index < 9; index++) call("success", {}, modelCall("real"));
    for (let index = 0; index < ROOM; index++) call("client-error", {}, modelCall(`not-${index}`));
    expect(breaker.circuits()).toHaveLength(ROOM);
    for (let index = 0; index < 9; index++) call("server-error", {}, modelCall("bad"));
    expect(call("success", {}, modelCall("bad"))?.code).toBe("BR5001");
  });
});

describe("an organisation that has all the circuits that it may have", () => {
  const ALLOWED = 512;
  const ofOrg = (name: string, org = "acme") => modelCall(name, "openai", org);

  it("has one for another model all the same, in the place of one that is well", () => {
    const { breaker, call } = setUpBreaker();
    call("success", {}, ofOrg("kept", "other"));
    call("server-error", {}, ofOrg("failing"));
    for (let index = 1; index < ALLOWED; index++) call("success", {}, ofOrg(`idle-${index}`));
    for (let index = 0; index < 5; index++) call("server-error", {}, ofOrg("fresh"));
    expect(call("success", {}, ofOrg("fresh"))?.code).toBe("BR5001");
    const keys = breaker.circuits().map(({ key }) => key);
    expect(keys).toHaveLength(ALLOWED + 1);
    expect(keys).toEqual(expect.arrayContaining(["openai/kept", "openai/failing"]));
  });

  it("gets none when none of its own is well, whatever others have", () => {
    const { breaker, call } = setUpBreaker();
    call("success", {}, ofOrg("idle", "other"));
    for (let index = 0; index < ALLOWED; index++) call("server-error", {}, ofOrg(`bad-${index}`));
    call("server-error", {}, ofOrg("fresh"));
    expect(breaker.circuits()).toHaveLength(ALLOWED + 1);
    expect(breaker.circuits().some(({ key }) => key === "openai/fresh")).toBe(false);
  });

  it("gets one again when what failed has left the window", () => {
    const { breaker, call, clock } = setUpBreaker();
    for (let index = 0; index < ALLOWED; index++) call("server-error", {}, ofOrg(`bad-${index}`));
    call("server-error", {}, ofOrg("fresh"));
    clock.advance(10 * MINUTE);
    call("server-error", {}, ofOrg("fresh"));
    expect(breaker.circuits().some(({ key }) => key === "openai/fresh")).toBe(true);
  });
});
