import { findGuardError, GuardError, isGuardError } from "@burnrate/core";
import { expect, test, vi } from "vitest";
import { guardClient } from "./guard-client.ts";
import { generations } from "./testing/generations.ts";
import { killAll, thrownBy } from "./testing/watched-guard.ts";

test.each(generations)(
  "a guard of another installed copy of core guards $name",
  async (generation) => {
    vi.resetModules();
    const other = await import("@burnrate/core");
    expect(other.GuardError).not.toBe(GuardError);
    const guard = other.createGuard({ budgets: ["$5/day"] });
    const connection = await generation.connect();
    const client = guardClient(connection.client as never, guard);
    await connection.callTool(client, "echo");
    await killAll(guard);
    const error = await thrownBy(() => connection.callTool(client, "echo"));
    expect(isGuardError(error)).toBe(true);
    expect(findGuardError(error)?.code).toBe("BR1001");
    const denied = guardClient(connection.client as never, guard, { denyMode: "result" });
    expect((await connection.callTool(denied, "echo")).isError).toBe(true);
    expect((await connection.log()).runs).toEqual({ echo: 1 });
  },
);
