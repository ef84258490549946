import { type GuardError, isGuardError, type Permit } from "@burnrate/core";
import { cutReason } from "@burnrate/core/adapter";
import { orCut } from "./or-cut.ts";
import { createParked } from "./parked.ts";
import { read } from "./shape.ts";
import { followTask, NO_SUCH_TASK, type TaskCall } from "./task-status.ts";
import { failure, isAnswered, isConnectionLoss } from "./to-error.ts";
import { toResult } from "./to-outcome.ts";

const METHODS = {
  "tasks/get": "getTask",
  "tasks/result": "getTaskResult",
  "tasks/cancel": "cancelTask",
} as const;

/** What a client can ask about one task. */
export type TaskMethod = (typeof METHODS)[keyof typeof METHODS];

/** Whether a property asks about one task. */
export function isTaskMethod(key: PropertyKey): key is TaskMethod {
  return Object.values<PropertyKey>(METHODS).includes(key);
}

/** What a raw request asks about one task. */
export function taskMethodOf(method: unknown): TaskMethod | undefined {
  return typeof method === "string" && Object.hasOwn(METHODS, method)
    ? METHODS[method as keyof typeof METHODS]
    : undefined;
}

/** Tool calls of a client that go on as tasks of the server: each is one call, to its end. */
export interface ClientTasks {
  add(taskId: string, permit: Permit): void;
  /**
   * Sends a request of the application about a task, and settles the call by what it brings.
   * @throws {GuardError} when a kill cut the task, or an evaluator refuses its result.
   */
  run(taskId: unknown, method: TaskMethod, send: () => unknown): Promise<unknown>;
}

interface OpenTask extends TaskCall {
  readonly permit: Permit;
  /** The kill that cut the call, or the verdict on its result: whoever asks again gets it, too. */
  cut: GuardError | undefined;
}

/** Follows the tasks of one client; `cancel` calls one off at the server. */
export function createClientTasks(cancel: (taskId: string) => void): ClientTasks {
  const tasks = createParked<OpenTask>();

  async function settle(taskId: string, task: OpenTask, method: TaskMethod, answer: unknown) {
    if (method === "getTaskResult") await judge(task, answer);
    else if (!(await followTask(task, read(answer, "status")))) return;
    tasks.remove(taskId, task);
  }

  return {
    add(taskId, permit) {
      const task = openTask(permit, () => cancel(taskId));
      void tasks.add(taskId, task)?.permit.fail(undefined, { abandoned: true });
    },
    async run(taskId, method, send) {
      const task = typeof taskId === "string" ? tasks.get(taskId) : undefined;
      if (task === undefined || typeof taskId !== "string") return send();
      if (task.cut !== undefined) throw task.cut;
      let answer: unknown;
      try {
        answer = await orCut(task.permit, async () => send());
      } catch (error) {
        const end = endBy(error, method);
        if (end !== undefined) {
          tasks.remove(taskId, task);
          await task.fail(end);
        }
        throw error;
      }
      await settle(taskId, task, method, answer);
      return answer;
    },
  };
}

/** The result is judged once, and nobody has it before. */
async function judge(task: OpenTask, result: unknown): Promise<void> {
  try {
    await task.permit.settle(toResult(result, task.wantsOutput));
  } catch (error) {
    if (isGuardError(error)) task.cut = error;
    throw error;
  }
  if (task.cut !== undefined) throw task.cut;
}

/** How a task ended, as far as a failed request about it says so. */
function endBy(error: unknown, method: TaskMethod): Error | undefined {
  if (isConnectionLoss(error)) return failure({ code: "ECONNRESET" });
  if (!isAnswered(error)) return undefined;
  const hasEnded = method === "getTaskResult" || read(error, "code") === NO_SUCH_TASK;
  return hasEnded && method !== "cancelTask" ? failure({}) : undefined;
}

function openTask(permit: Permit, cancel: () => void): OpenTask {
  let signs = 0;
  const task: OpenTask = {
    permit,
    cut: undefined,
    wantsOutput: permit.wantsOutput,
    keepAlive() {
      signs += 1;
      permit.progress({ outputTokens: signs });
    },
    succeed: async () => void (await permit.settle()),
    fail: async (error) => void (await permit.fail(error)),
  };
  const kill = (): void => {
    task.cut = cutReason(permit);
    if (task.cut === undefined) return;
    void permit.fail(task.cut);
    cancel();
  };
  permit.signal.addEventListener("abort", kill);
  kill();
  return task;
}
