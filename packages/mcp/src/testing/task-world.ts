import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTaskStore } from "@modelcontextprotocol/sdk/experimental/tasks";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import type { GuardClientOptions } from "../check-options.ts";
import { guardClient } from "../guard-client.ts";
import { guardTransport } from "../guard-transport.ts";
import type { WrapTransport } from "./generations.ts";
import { type WatchedGuard, watchedGuard } from "./watched-guard.ts";

const info = { name: "tasks", version: "1.0.0" };

/** A server with one tool, `slow`, that runs as a task, and a guarded client of generation 1. */
export interface TaskWorld extends WatchedGuard {
  readonly client: Client;
  /** How many tasks the client asked for. */
  created(): number;
  statuses(): Promise<string[]>;
  /** Ends tasks that are made from now on as soon as they are made. */
  finish(result: ToolResult, status?: "completed" | "failed"): void;
  /** Drops the tasks that there are, as a server does whose time to live has passed. */
  forget(): void;
  /** Ends the tasks that there are. */
  end(result: ToolResult, status?: "completed" | "failed"): Promise<void>;
}

/** How a world of tasks is set up. */
export interface TaskWorldOptions {
  readonly pollInterval?: number;
  /** The server never answers. */
  readonly stalls?: boolean;
  /** Where the guard is put; default: around the client. */
  readonly hook?: "client" | "transport" | "both";
  /** Puts something between the server and the guard. */
  readonly wire?: WrapTransport;
  readonly guard?: Parameters<typeof watchedGuard>[0];
}

export async function taskWorld(
  options: GuardClientOptions,
  {
    pollInterval = 1,
    stalls = false,
    hook = "client",
    wire = (transport) => transport,
    guard: given = {},
  }: TaskWorldOptions = {},
): Promise<TaskWorld> {
  const store = new InMemoryTaskStore();
  const capabilities = { tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } } };
  const server = new McpServer(info, { capabilities, taskStore: store });
  let created = 0;
  let ending: { readonly result: ToolResult; readonly status: "completed" | "failed" } | undefined;
  const execution = { taskSupport: "required" } as const;
  server.experimental.tasks.registerToolTask(
    "slow",
    { execution },
    {
      async createTask({ taskStore }) {
        created += 1;
        if (stalls) await new Promise(() => undefined);
        const task = await taskStore.createTask({ ttl: 60_000, pollInterval });
        if (ending) await taskStore.storeTaskResult(task.taskId, ending.status, ending.result);
        return { task };
      },
      getTask: ({ taskStore, taskId }) => taskStore.getTask(taskId),
      getTaskResult: async ({ taskStore, taskId }) => {
        return (await taskStore.getTaskResult(taskId)) as ToolResult;
      },
    },
  );
  const watched = watchedGuard(given);
  const { guard } = watched;
  const bare = new Client(info);
  const [end, far] = InMemoryTransport.createLinkedPair();
  const near = wire(end);
  const transport = hook === "client" ? near : guardTransport(near, guard, options);
  await Promise.all([server.connect(far), bare.connect(transport)]);
  return {
    ...watched,
    client: hook === "transport" ? bare : guardClient(bare, guard, options),
    created: () => created,
    statuses: async () => (await store.listTasks()).tasks.map((task) => task.status),
    finish(result, status = "completed") {
      ending = { result, status };
    },
    forget: () => store.cleanup(),
    async end(result, status = "completed") {
      for (const { taskId } of (await store.listTasks()).tasks) {
        await store.storeTaskResult(taskId, status, result);
      }
    },
  };
}

interface ToolResult {
  content: { type: "text"; text: string }[];
  isError?: boolean;
  [key: string]: unknown;
}
