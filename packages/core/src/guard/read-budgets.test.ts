import { expect, it } from "vitest";
import { codeOf, setUp, tool } from "./test-fixture.ts";

it("budgets leaves out tasks and sessions where it is asked to", async () => {
  const { guard } = setUp({ budgets: ["9 calls/day", "9 calls/task", "9 calls/session"] });
  await guard.task({ session: "s-1" }, () => guard.run(tool("search"), () => ({ value: 1 })));
  const idsOf = async (options?: { ephemeral: boolean }) =>
    (await guard.budgets(options)).map(({ id }) => id);
  const all = ["9 calls/day", "9 calls/task", "9 calls/session"];
  expect(await idsOf()).toEqual(all);
  expect(await idsOf({ ephemeral: true })).toEqual(all);
  expect(await idsOf({ ephemeral: false })).toEqual(["9 calls/day"]);
  expect(await codeOf(guard.budgets({ ephemral: false } as never))).toBe("BR9001");
  expect(await codeOf(guard.budgets({ ephemeral: 0 as never }))).toBe("BR9001");
});
