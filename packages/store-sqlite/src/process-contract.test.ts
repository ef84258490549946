import { processContract } from "@burnrate/core/testing";
import { describe, test } from "vitest";
import { temporaryFile } from "./testing/temporary-file.ts";

describe("guards in several processes on one file", () => {
  processContract({
    test,
    storeModule: new URL("./testing/open-store.ts", import.meta.url),
    boundMs: 3_000, // other files run beside it
    env: { BURNRATE_TEST_PATH: temporaryFile() },
  });
});
