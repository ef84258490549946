import { isResponse, type Message, type RequestId, requestId } from "./mcp-transport.ts";
import { OpenRequest } from "./open-request.ts";
import { createParked } from "./parked.ts";
import { read } from "./shape.ts";
import { followTask, NO_SUCH_TASK } from "./task-status.ts";
import { failure } from "./to-error.ts";
import type { Wire, WireCall } from "./wire-call.ts";

/** Tool calls that go on as tasks of the server, and the client's requests about them. */
export interface WireTasks {
  add(taskId: string, call: WireCall): void;
  /** Sends a request about a task that is known; undefined for any other message. */
  send(message: Message, options: unknown): Promise<void> | undefined;
  /** Whether a response was to a request about a known task, or to one of our own. */
  answer(message: Message, extra: unknown): boolean;
  /** The client gave up on a request. */
  forget(id: RequestId): void;
  /** What the server tells of a task unasked. */
  hear(status: unknown): void;
  /** Tells the server that nobody waits for a task. */
  cancel(taskId: string): void;
  close(error: unknown): void;
}

interface TaskRequest {
  readonly call: WireCall;
  readonly taskId: string;
  readonly method: unknown;
  readonly open: OpenRequest;
  isAnswered: boolean;
}

/** Ids of requests that are ours; the clients count theirs in numbers. */
const OUR_ID = "burnrate-cancel-";
const METHODS: ReadonlySet<unknown> = new Set(["tasks/get", "tasks/result", "tasks/cancel"]);

/** Follows tasks to their end: one call from the request that made the task to its result. */
export function createWireTasks(wire: Wire): WireTasks {
  const tasks = createParked<WireCall>();
  const requests = new Map<RequestId, TaskRequest>();
  let cancels = 0;

  async function follow(taskId: string, call: WireCall, status: unknown): Promise<void> {
    if (await followTask(call, status)) tasks.remove(taskId, call);
  }

  function rejectAll(call: WireCall): void {
    for (const request of requests.values()) {
      if (request.call !== call || request.isAnswered) continue;
      requests.delete(request.open.id);
      request.open.reject(call.cut);
    }
  }

  /** Asked for twice, a result is judged once; nobody has it before, or after it was refused. */
  async function answerResult(request: TaskRequest, message: Message, extra: unknown) {
    const { call, taskId, open } = request;
    const isFirst = !call.hasEnded;
    if (isFirst) call.answer(message, extra, open);
    await call.verdict;
    if (call.cut === undefined) tasks.remove(taskId, call);
    if (!isFirst) handOn(request, message, extra);
  }

  async function answerStatus(request: TaskRequest, message: Message, extra: unknown) {
    const { call, taskId, method } = request;
    if (method === "tasks/get" && read(message["error"], "code") === NO_SUCH_TASK) {
      tasks.remove(taskId, call);
      await call.fail(failure({}));
    } else await follow(taskId, call, read(message["result"], "status"));
    handOn(request, message, extra);
  }

  function handOn({ call, open }: TaskRequest, message: Message, extra: unknown): void {
    if (call.cut === undefined) {
      wire.deliver(message, extra);
      open.end();
    } else open.reject(call.cut);
  }

  return {
    add(taskId, call) {
      call.taskId = taskId;
      void tasks.add(taskId, call)?.abandon();
    },
    send(message, options) {
      if (!METHODS.has(message["method"])) return undefined;
      const taskId = read(message["params"], "taskId");
      const call = typeof taskId === "string" ? tasks.get(taskId) : undefined;
      const id = requestId(message);
      if (typeof taskId !== "string" || call === undefined || id === undefined) return undefined;
      const open = new OpenRequest(wire, { id, message, options });
      if (call.cut !== undefined) {
        open.reject(call.cut);
        return open.over;
      }
      const method = message["method"];
      const request: TaskRequest = { call, taskId, method, open, isAnswered: false };
      requests.set(id, request);
      call.onCut(() => rejectAll(call));
      wire.send(message, options).catch((error: unknown) => {
        if (requests.delete(id)) open.reject(error);
      });
      return open.over;
    },
    answer(message, extra) {
      if (!isResponse(message)) return false;
      const id = message["id"] as RequestId;
      if (typeof id === "string" && id.startsWith(OUR_ID)) return true;
      const request = requests.get(id) ?? requests.get(Number(id));
      if (request === undefined) return false;
      // A server that answers again must not slip by the evaluator that looks at the first answer.
      if (request.isAnswered) return true;
      request.isAnswered = true;
      const forget = (): void => void requests.delete(request.open.id);
      request.open.over.then(forget, forget);
      const answer = request.method === "tasks/result" ? answerResult : answerStatus;
      void answer(request, message, extra);
      return true;
    },
    forget(id) {
      requests.get(id)?.open.end();
      requests.delete(id);
    },
    hear(status) {
      const taskId = read(status, "taskId");
      const call = typeof taskId === "string" ? tasks.get(taskId) : undefined;
      if (call !== undefined) void follow(taskId as string, call, read(status, "status"));
    },
    cancel(taskId) {
      cancels += 1;
      const id = `${OUR_ID}${cancels}`;
      const message = { jsonrpc: "2.0", id, method: "tasks/cancel", params: { taskId } };
      wire.send(message, undefined).catch(() => undefined);
    },
    close(error) {
      for (const call of tasks.values()) void call.fail(error);
      for (const { open } of requests.values()) open.end();
      requests.clear();
    },
  };
}
