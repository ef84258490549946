import { ioRedisDriver } from "./testing/drivers.ts";
import { runContract } from "./testing/run-contract.ts";

runContract(() => ioRedisDriver("app:"));
