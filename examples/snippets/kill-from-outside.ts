import { createGuard } from "burnrate";

const guard = createGuard(); // started in the same folder: the same .burnrate/state.db
const { id, aborted, missing } = await guard.kill(
  { agent: "support" },
  { reason: "loops", by: "on-call" },
);
console.log(id, `${aborted} calls cut; did not answer: ${missing.join(", ") || "nobody"}`);
await guard.close();
