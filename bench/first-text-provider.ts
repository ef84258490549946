import { startFakeProvider } from "@burnrate/core/testing";

/** A provider in a process of its own, as providers are: what it does costs the client no time. */
const provider = await startFakeProvider({ keepRequests: 1 });
provider.script(() => ({ kind: "reply", text: "hello there, how are you?" }));
process.send?.(provider.url);
process.once("disconnect", () => void provider.close());
