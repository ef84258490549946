export { adapterContract } from "./testing/adapter-contract/adapter-contract.ts";
export type {
  AdapterContractOptions,
  ModelCall,
  ModelDriver,
  ToolDriver,
} from "./testing/adapter-contract/driver.ts";
export {
  type BreakingLine,
  LINE_STEPS,
  startBreakingLine,
} from "./testing/breaking-line.ts";
export { createFakeClock, type FakeClock } from "./testing/fake-clock.ts";
export type { Behaviour } from "./testing/fake-provider/behaviour.ts";
export {
  type FakeProvider,
  startFakeProvider,
} from "./testing/fake-provider/fake-provider.ts";
export {
  type LoopbackAnswer,
  type LoopbackServer,
  type ReceivedRequest,
  serveLoopback,
} from "./testing/loopback-server.ts";
export type { ProcessContractOptions } from "./testing/process-contract/options.ts";
export { processContract } from "./testing/process-contract/process-contract.ts";
export { fleetContract } from "./testing/store-contract/fleet-contract.ts";
export { killLogContract } from "./testing/store-contract/kill-log-contract.ts";
export { ledgerContract } from "./testing/store-contract/ledger-contract.ts";
export type {
  BreakingLedger,
  CrashTrial,
  KillLogContractOptions,
  LedgerContractOptions,
  PortContractOptions,
  StoreContractOptions,
} from "./testing/store-contract/options.ts";
export { outboxContract } from "./testing/store-contract/outbox-contract.ts";
export { stateContract } from "./testing/store-contract/state-contract.ts";
export { storeContract } from "./testing/store-contract/store-contract.ts";
