import { type CallRecord, type CallRequest, createGuard, findGuardError } from "burnrate";

const guard = createGuard({ budgets: ["$1/day", "$0.50/task"], store: "memory" });
const records: CallRecord[] = [];
guard.on("call-settled", (record) => records.push(record));
const request: CallRequest = {
  kind: "model",
  provider: "openai",
  name: "gpt-5-mini",
  input: "Hi.",
};
const ask = (): Promise<string> =>
  guard.run(request, async ({ signal }) => {
    signal.throwIfAborted();
    return { value: "hello", usage: { inputTokens: 9, outputTokens: 1 } };
  });

const answer = await guard.task({ name: "greet", agent: "support" }, ask);
if (answer !== "hello" || records[0]?.costNanoUsd === undefined) throw new Error("no record");
await guard.kill({ agent: "support" }, { reason: "the check is over", by: "consumer" });
const refusal = await guard.with({ agent: "support" }, ask).catch((error: unknown) => error);
if (findGuardError(refusal)?.code !== "BR1001") throw new Error("the kill stopped nothing");
await guard.close();
