export { adapterContract } from "./testing/adapter-contract/adapter-contract.ts";
export type {
  AdapterContractOptions,
  ModelCall,
  ModelDriver,
  ToolDriver,
} from "./testing/adapter-contract/driver.ts";
export { createFakeClock, type FakeClock } from "./testing/fake-clock.ts";
export type { Behaviour } from "./testing/fake-provider/behaviour.ts";
export {
  type FakeProvider,
  startFakeProvider,
} from "./testing/fake-provider/fake-provider.ts";
