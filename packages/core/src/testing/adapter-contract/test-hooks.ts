import type { Permit } from "../../call/permit.ts";
import type { Usage } from "../../call/usage.ts";
import { isGuardError } from "../../errors/guard-error.ts";
import type { ModelCall, ModelDriver, ModelSetup, ToolDriver, ToolSetup } from "./driver.ts";

/** What a hook on a model can get wrong. */
export type ModelFault =
  | "sends although it was refused"
  | "hides the refusal"
  | "forgets the prompt"
  | "sends no limit"
  | "leaves cached tokens out"
  | "reports no usage"
  | "calls an error free"
  | "retries unseen";

/** What a hook on a tool can get wrong. */
export type ToolFault =
  | "runs before it asks"
  | "hides the refusal"
  | "forgets the arguments"
  | "forgets the result"
  | "changes the result"
  | "calls an error a success";

interface Answer {
  readonly choices: readonly [{ readonly message: { readonly content: string } }];
  readonly usage?: {
    readonly prompt_tokens: number;
    readonly completion_tokens: number;
    readonly prompt_tokens_details?: { readonly cached_tokens?: number };
    readonly completion_tokens_details?: { readonly reasoning_tokens?: number };
  };
}

/** The least that a hook on a model is, over bare HTTP; right but for one fault, if any. */
export function createModelHook({ provider, guard }: ModelSetup, fault?: ModelFault): ModelDriver {
  async function send(call: ModelCall, permit?: Permit): Promise<Answer> {
    const limit = fault === "sends no limit" ? undefined : permit?.maxOutputTokens;
    const maximum = limit ?? call.maxOutputTokens;
    const response = await fetch(`${provider.url}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      signal: permit?.signal ?? null,
      body: JSON.stringify({
        model: "gpt-5-mini",
        messages: [{ role: "user", content: call.prompt }],
        ...(maximum !== undefined && { max_tokens: maximum }),
      }),
    });
    if (!response.ok) throw Object.assign(new Error("rejected"), { status: response.status });
    return (await response.json()) as Answer;
  }

  async function answer(call: ModelCall, permit: Permit): Promise<Answer> {
    if (fault !== "retries unseen") return send(call, permit);
    return send(call, permit).catch(() => send(call, permit));
  }

  async function generate(call: ModelCall): Promise<{ text: string }> {
    const { prompt, signal, maxOutputTokens } = call;
    const permit = await guard.begin({
      kind: "model",
      provider: "openai",
      name: "gpt-5-mini",
      ...(fault !== "forgets the prompt" && { input: prompt }),
      ...(signal !== undefined && { signal }),
      ...(maxOutputTokens !== undefined && { estimate: { maxOutputTokens } }),
    });
    permit.dispatched();
    let got: Answer;
    try {
      got = await answer(call, permit);
    } catch (error) {
      const nothing = { usage: { inputTokens: 0, outputTokens: 0 } };
      await permit.fail(error, fault === "calls an error free" ? nothing : {});
      throw error;
    }
    const { text } = textOf(got);
    await permit.settle({ output: text, ...reportOf(got, fault) });
    return { text };
  }

  return {
    generate: (call) =>
      generate(call).catch((error: unknown) => {
        if (fault === "hides the refusal") return { text: "" };
        if (fault !== "sends although it was refused" || !isGuardError(error)) throw error;
        return send(call).then(textOf);
      }),
  };
}

function textOf({ choices }: Answer): { readonly text: string } {
  return { text: choices[0].message.content };
}

function reportOf({ usage }: Answer, fault: ModelFault | undefined): { readonly usage?: Usage } {
  if (usage === undefined || fault === "reports no usage") return {};
  const cached = usage.prompt_tokens_details?.cached_tokens ?? 0;
  return {
    usage: {
      inputTokens: usage.prompt_tokens,
      outputTokens: usage.completion_tokens,
      cacheReadTokens: fault === "leaves cached tokens out" ? 0 : cached,
      reasoningTokens: usage.completion_tokens_details?.reasoning_tokens ?? 0,
    },
  };
}

/** The least that a hook on a tool is; right but for one fault, if any. */
export function createToolHook({ guard, execute }: ToolSetup, fault?: ToolFault): ToolDriver {
  return {
    async call(args, { signal } = {}) {
      if (fault === "runs before it asks") await execute(args);
      const request = {
        kind: "tool",
        name: "echo",
        ...(fault !== "forgets the arguments" && { input: args }),
        ...(signal !== undefined && { signal }),
      } as const;
      const running = guard.run(request, async () => {
        const value = await execute(args).catch((error: unknown) => {
          if (fault === "calls an error a success") return String(error);
          throw error;
        });
        return fault === "forgets the result" ? { value } : { value, output: value };
      });
      if (fault === "hides the refusal") return running.catch(() => "");
      return fault === "changes the result" ? running.then(() => "done") : running;
    },
  };
}
