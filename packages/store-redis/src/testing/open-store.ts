import type { Store } from "@burnrate/core";
import { redisStore } from "../redis-store.ts";
import { nodeRedisDriver } from "./drivers.ts";

/** The store of a process of the contract: its server is named by the environment. */
export async function openStore(): Promise<Store> {
  const url = process.env["BURNRATE_TEST_URL"] ?? "";
  const namespace = process.env["BURNRATE_TEST_NAMESPACE"] ?? "";
  return redisStore({ client: await nodeRedisDriver().connect(url), namespace });
}
