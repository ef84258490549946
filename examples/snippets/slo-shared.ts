import { createSloEngine, objective } from "@burnrate/slo";
import { createGuard, sqliteStore } from "burnrate";

const refunds = objective({ name: "refunds", sli: "task_success", target: 0.99, window: "30d" });

const store = sqliteStore(); // or redisStore, or postgresStore
const guard = createGuard({ budgets: ["$5/day"], store });
const engine = createSloEngine({ objectives: [refunds], state: store.state });
engine.attach(guard);

await engine.close();
await guard.close();
