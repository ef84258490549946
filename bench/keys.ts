import {
  type CallRecord,
  createBreaker,
  createGuard,
  createLimits,
  type Gate,
  type PendingCall,
} from "burnrate";
import { bytesInUse, type Measured, quick, toMeasured } from "./measure.ts";

const RUNS = 5;
const KEYS = quick ? 500 : 2_000;

/** A gate that keeps something for each key, and a call for a key. */
interface Kind {
  readonly name: string;
  readonly create: () => Gate;
  readonly toCall: (key: string) => Partial<PendingCall>;
  /** Whether its calls go on, because nothing is kept of those that ended. */
  readonly isHeld?: boolean;
}

const KINDS: readonly Kind[] = [
  { name: "a circuit", create: () => createBreaker(), toCall: (name) => ({ name }) },
  {
    name: "a key of a rate (100/minute per user)",
    create: () => createLimits(["100/minute per user"]),
    toCall: (user) => ({ context: { user } }),
  },
  {
    name: "a key of calls at once (4 at once per user)",
    create: () => createLimits(["4 at once per user"]),
    toCall: (user) => ({ context: { user } }),
    isHeld: true,
  },
  {
    name: "a key of calls per session (100 calls per session)",
    create: () => createLimits(["100 calls per session"]),
    toCall: (session) => ({ context: { session } }),
  },
  {
    name: "a key of a model in a task (10 calls per task per model)",
    create: () => createLimits(["10 calls per task per model"]),
    toCall: (task) => ({ tasks: [task] }),
  },
  {
    name: "a task whose tool calls are watched for loops",
    create: () => createLimits([]),
    toCall: (task) => ({ kind: "tool", name: "search", input: { q: 1 }, tasks: [task] }),
  },
];

/** The record of a call that went well. */
async function someRecord(): Promise<CallRecord> {
  await using guard = createGuard({ store: "memory" });
  const permit = await guard.begin({ kind: "model", provider: "openai", name: "gpt-5" });
  return permit.settle({ usage: { inputTokens: 1, outputTokens: 1 } });
}

const CALL: PendingCall = {
  id: "call",
  kind: "model",
  provider: "openai",
  name: "gpt-5",
  model: undefined,
  purpose: "agent",
  context: {},
  tasks: [],
  idempotent: false,
  canonicalProvider: undefined,
  input: undefined,
  signal: undefined,
};

function useOnce({ toCall, isHeld }: Kind, gate: Gate, key: string, record: CallRecord): void {
  const call = { ...CALL, ...toCall(key), id: key };
  if (gate.look(call) !== undefined) throw new Error(`${key} is refused`);
  const hold = gate.acquire(call);
  if (hold !== undefined && "release" in hold && isHeld !== true) hold.release(record);
}

/** Names of 12 characters, which belong to the application. */
function namesOf(run: number): string[] {
  return Array.from({ length: KEYS }, (_, index) => `${run}-key-${10_000 + index}x`);
}

async function measureKind(kind: Kind, record: CallRecord): Promise<Measured> {
  const bytes: number[] = [];
  const kept: unknown[] = [];
  for (let run = 0; run <= RUNS; run++) {
    const names = namesOf(run);
    const gate = kind.create();
    const before = bytesInUse();
    for (const name of names) useOnce(kind, gate, name, record);
    bytes.push((bytesInUse() - before) / KEYS);
    kept.push(gate, names);
  }
  if (kept.length === 0) throw new Error("nothing was measured");
  return toMeasured(`${kind.name}, of ${KEYS}`, "bytes", bytes.slice(1), "≤ 150");
}

/** What limits and the breaker hold for each key that they know. */
export async function measureKeys(): Promise<Measured[]> {
  const record = await someRecord();
  const measured: Measured[] = [];
  for (const kind of KINDS) measured.push(await measureKind(kind, record));
  return measured;
}
