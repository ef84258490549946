import { z } from "zod";

/** What a server did so far. */
export interface ServerLog {
  /** How often each tool ran. */
  readonly runs: Record<string, number>;
  /** How many calls the client cancelled. */
  cancelled: number;
}

/** What a tool handler of either SDK generation may return. */
export interface ToolAnswer {
  content: { type: "text"; text: string }[];
  structuredContent?: Record<string, unknown>;
  isError?: boolean;
  [key: string]: unknown;
}

/** Registers a tool with either generation of server; `signal` fires when the client cancels. */
export type RegisterTool = (
  name: string,
  config: { inputSchema: typeof toolInput },
  run: (args: { text: string }, signal: AbortSignal) => Promise<ToolAnswer>,
) => void;

export const toolInput: z.ZodObject<{ text: z.ZodDefault<z.ZodString> }> = z.object({
  text: z.string().default(""),
});

/** Gives a server one tool for each way in which a call can end. */
export function registerTools(register: RegisterTool): ServerLog {
  const log: ServerLog = { runs: {}, cancelled: 0 };
  const tool = (
    name: string,
    run: (args: { text: string }, signal: AbortSignal) => Promise<ToolAnswer>,
  ): void =>
    register(name, { inputSchema: toolInput }, (args, signal) => {
      log.runs[name] = (log.runs[name] ?? 0) + 1;
      return run(args, signal);
    });
  tool("echo", async ({ text }) => answer(`echo ${text}`));
  tool("fail", async () => {
    throw new TypeError("broken tool");
  });
  tool("hang", async (_, signal) => {
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    log.cancelled += 1;
    return answer("too late");
  });
  tool("crash", async () => process.exit(1));
  register("stats", { inputSchema: toolInput }, async () => answer(JSON.stringify(log)));
  return log;
}

function answer(text: string): ToolAnswer {
  return { content: [{ type: "text", text }] };
}
