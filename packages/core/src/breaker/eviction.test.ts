import { describe, expect, it } from "vitest";
import { modelCall, setUpBreaker } from "./test-fixture.ts";

/** As many circuits of models as there is room for. */
const ROOM = 2_048;

describe("a circuit that made room for others", () => {
  it("leaves nothing behind, and a call of it that still runs counts for nobody else", () => {
    const { breaker, begin, call, end } = setUpBreaker();
    call("success", {}, modelCall("first"));
    const running = begin(modelCall("first"));
    for (let index = 0; index < ROOM; index++) call("success", {}, modelCall(`other-${index}`));
    expect(breaker.circuits().some(({ key }) => key === "openai/first")).toBe(false);
    end(running, "server-error");
    expect(breaker.circuits()).toHaveLength(ROOM);
    for (const { calls, failures } of breaker.circuits()) {
      expect({ calls, failures }).toEqual({ calls: 1, failures: 0 });
    }
  });
});
