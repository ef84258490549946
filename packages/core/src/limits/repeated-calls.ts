import { type Evictable, SecondChanceMap } from "../bounded/second-chance-map.ts";
import type { PendingCall } from "../call/pending-call.ts";
import { quote } from "../config/describe.ts";
import type { LoopDetectedEvent } from "../events/guard-events.ts";
import type { Refusal } from "../pipeline/refusal.ts";
import { ArgumentDigest } from "./argument-digest.ts";
import type { CheckedLimits } from "./limit.ts";
import { NONE } from "./limit-keys.ts";
import { PerOrg } from "./per-org.ts";

/** Tasks of one org of which repeated calls are counted at a time. */
const MAX_TASKS = 10_000;
/** Different tool calls of one task that are told apart at a time. */
const MAX_CALLS = 128;

interface Repeats extends Evictable {
  count: number;
}

/** The tool calls of one task. Most make one call, or the same one: it needs no map. */
interface TaskCalls extends Evictable {
  digest: number;
  count: number;
  others: SecondChanceMap<number, Repeats> | undefined;
  /** The repeated call that ended the task's calls. */
  latch: Latch | undefined;
}

interface Latch {
  readonly tool: string;
  readonly count: number;
}

/** Tasks of one org, by id. The newest stands beside the map, as in a `LivelyMap`. */
class OrgTasks implements Evictable {
  touched = true;
  latched = 0;
  readonly #others = new SecondChanceMap<string, TaskCalls>(MAX_TASKS, ({ latch }) => !latch);
  #newestId: string | undefined;
  #newest: TaskCalls | undefined;

  find(id: string): TaskCalls | undefined {
    return id === this.#newestId ? this.#newest : this.#others.get(id);
  }

  /** Undefined when every task that is kept is latched. */
  add(id: string, digest: number): TaskCalls | undefined {
    const before = this.#newest;
    if (before !== undefined && !this.#others.add(this.#newestId as string, before)) {
      return undefined;
    }
    this.#newestId = id;
    this.#newest = { touched: true, digest, count: 0, others: undefined, latch: undefined };
    return this.#newest;
  }

  drop(id: string): void {
    const task = this.find(id);
    if (task?.latch !== undefined) this.latched--;
    if (id === this.#newestId) {
      this.#newestId = undefined;
      this.#newest = undefined;
    } else this.#others.delete(id);
  }
}

/**
 * Counts how often a task asks for the same tool with the same arguments, whether or not it gets
 * it: an agent that is merely denied goes on asking. Once one is refused for it, so is every later
 * call of the task.
 */
export class RepeatedCalls {
  readonly #alertAt: number;
  readonly #refuseAt: number;
  readonly #tell: (event: LoopDetectedEvent) => void;
  readonly #digest = new ArgumentDigest();
  readonly #orgs = new PerOrg<OrgTasks>(
    () => new OrgTasks(),
    ({ latched }) => latched === 0,
  );

  constructor(
    { alertAt, refuseAt }: Pick<CheckedLimits, "alertAt" | "refuseAt">,
    tell: (event: LoopDetectedEvent) => void,
  ) {
    this.#alertAt = alertAt;
    this.#refuseAt = refuseAt;
    this.#tell = tell;
  }

  /** Counts a tool call, and refuses it when it was asked for too often. */
  ask(call: PendingCall, nowMs: number): Refusal | undefined {
    if (call.kind !== "tool" || call.tasks.length === 0) return undefined;
    const digest = this.#digest.of(call.provider, call.name, call.input);
    if (digest === undefined) return undefined;
    const org = call.context.org ?? NONE;
    const orgTasks = this.#orgs.find(org) ?? this.#orgs.open(org, nowMs);
    const id = call.tasks[call.tasks.length - 1] as string;
    const task = orgTasks?.find(id) ?? orgTasks?.add(id, digest);
    if (orgTasks === undefined || task === undefined) return undefined;
    const count = countOf(task, digest);
    if (count === this.#alertAt) this.#tell(eventOf(call, count, "alert"));
    if (count < this.#refuseAt) return undefined;
    if (task.latch === undefined) orgTasks.latched++;
    task.latch = { tool: call.name, count };
    this.#tell(eventOf(call, count, "refuse"));
    return loopRefusal(task.latch, id);
  }

  /** Refuses what a task asks for after a repeated call of it was refused. */
  check(call: PendingCall): Refusal | undefined {
    if (this.#refuseAt === Number.POSITIVE_INFINITY) return undefined;
    const orgTasks = this.#orgs.find(call.context.org ?? NONE);
    if (orgTasks === undefined || orgTasks.latched === 0) return undefined;
    for (const id of call.tasks) {
      const latch = orgTasks.find(id)?.latch;
      if (latch !== undefined) return loopRefusal(latch, id);
    }
    return undefined;
  }

  /** Forgets a task that has ended. */
  dropTask(org: string | undefined, id: string): void {
    for (const tasks of this.#orgs.ofTask(org)) tasks.drop(id);
  }
}

function countOf(task: TaskCalls, digest: number): number {
  task.touched = true;
  if (task.digest === digest) return ++task.count;
  task.others ??= new SecondChanceMap<number, Repeats>(MAX_CALLS - 1);
  const known = task.others.get(digest);
  if (known !== undefined) return ++known.count;
  task.others.add(digest, { touched: true, count: 1 });
  return 1;
}

function eventOf(
  { provider, name, tasks, context }: PendingCall,
  count: number,
  action: "alert" | "refuse",
): LoopDetectedEvent {
  return { provider, name, task: tasks[tasks.length - 1] as string, count, do: action, context };
}

function loopRefusal({ tool, count }: Latch, task: string): Refusal {
  return {
    code: "BR4003",
    message: `the task asked for tool ${quote(tool)} with the same arguments ${count} times, so none of its calls is let through any more. Mend the agent and begin another task, or raise repeatedToolCall.refuseAt in the limits of createGuard.`,
    scope: `task:${task}`,
    details: { task, tool, count, retryAfterMs: null },
  };
}
