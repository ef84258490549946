import { nodeRedisDriver } from "./testing/drivers.ts";
import { runContract } from "./testing/run-contract.ts";

runContract(nodeRedisDriver);
