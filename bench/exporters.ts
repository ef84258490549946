import { langfuseExporter } from "@burnrate/langfuse";
import { otelExporter } from "@burnrate/otel";
import { trace } from "@opentelemetry/api";
import { createGuard, type Exporter } from "burnrate";
import { type Measured, median, quick, toMeasured } from "./measure.ts";

const RUNS = 7;
const ROUNDS = quick ? 10 : 100;
const CALLS_A_BLOCK = 100;

/** Answers nobody: without verdicts nothing is sent. */
const NOWHERE = { baseUrl: "http://127.0.0.1:9", publicKey: "pk", secretKey: "sk" };

/** One block of calls in an agent's task, in microseconds a call. */
type Block = () => Promise<number>;

/**
 * What exporters add to the call that they are told of. What they do later, in a turn of the event
 * loop of their own, is left to the time between blocks.
 */
export async function measureExporters(): Promise<Measured[]> {
  const plain = blockOf([]);
  const told: readonly (readonly [string, Block, string?])[] = [
    ["otelExporter adds to a call", blockOf([otelExporter()]), "≤ 0.2"],
    [
      "otelExporter with a tracer adds to a call",
      blockOf([otelExporter({ tracer: trace.getTracer("bench") })]),
      "≤ 0.2",
    ],
    ["langfuseExporter adds to a call", blockOf([langfuseExporter(NOWHERE)]), "≤ 0.2"],
    ["  control: a second guard without exporters", blockOf([])],
  ];
  const blocks = [plain, ...told.map(([, block]) => block)];
  const added: number[][] = told.map(() => []);
  const bare: number[] = [];
  for (let run = 0; run <= RUNS; run++) {
    const rounds = await turns(blocks);
    if (run === 0) continue; // until the engine has compiled all of it
    bare.push(median(rounds.map(([alone = 0]) => alone)));
    for (const [index, differences] of added.entries()) {
      differences.push(median(rounds.map((us) => (us[index + 1] ?? 0) - (us[0] ?? 0))));
    }
  }
  return [
    toMeasured("a call without exporters", "us/call", bare),
    ...told.map(([name, , target], index) =>
      toMeasured(name, "us/call", added[index] ?? [], target),
    ),
  ];
}

/** Each round begins with another block: the first one after a pause is slower than the rest. */
async function turns(blocks: readonly Block[]): Promise<number[][]> {
  const rounds: number[][] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const us: number[] = [];
    for (let turn = 0; turn < blocks.length; turn++) {
      const index = (round + turn) % blocks.length;
      us[index] = (await blocks[index]?.()) ?? 0;
    }
    rounds.push(us);
  }
  return rounds;
}

function blockOf(exporters: readonly Exporter[]): Block {
  const guard = createGuard({ budgets: ["$1000000/day"], store: "memory", exporters });
  const request = {
    kind: "model",
    provider: "openai",
    name: "gpt-5",
    estimate: { inputTokens: 100, maxOutputTokens: 10 },
  } as const;
  return async () => {
    await new Promise((resolve) => setImmediate(resolve));
    return guard.with({ agent: "support" }, async () => {
      const startedMs = performance.now();
      for (let index = 0; index < CALLS_A_BLOCK; index++) {
        const permit = await guard.begin(request);
        permit.dispatched();
        await permit.settle({ usage: { inputTokens: 100, outputTokens: 5 } });
      }
      return ((performance.now() - startedMs) * 1_000) / CALLS_A_BLOCK;
    });
  };
}
