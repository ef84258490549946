import { adapterContract } from "@burnrate/core/testing";
import { describe, test } from "vitest";
import { versions } from "./testing/versions.ts";

describe.each(versions)("$name", ({ connect, hooks }) => {
  describe.each(hooks)("%s", (hook) => {
    adapterContract({
      test,
      kind: "tool",
      create: ({ guard, execute }) => connect(execute, guard, hook),
    });
  });
});
