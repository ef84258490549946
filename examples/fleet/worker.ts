import { createGuard, fileJournal, findGuardError, sqliteStore } from "burnrate";

/** One of several processes that spend from one budget: asks until it is refused for good. */
const {
  BURNRATE_STATE: path = "",
  BURNRATE_JOURNAL: journal = "",
  PROVIDER_URL: url = "",
  BUDGET: budget = "",
} = process.env;
const guard = createGuard({
  budgets: [budget],
  ...(journal !== "" && { journal: fileJournal(journal) }),
  store: sqliteStore({ path }),
  onHeld: "wait", // what others hold may come back
});

let spentNanoUsd = 0;
let calls = 0;
guard.on("call-settled", ({ costNanoUsd }) => {
  spentNanoUsd += costNanoUsd ?? 0;
  calls++;
});

/** One call of a model over HTTP, as a client of your own would make it. */
async function ask(prompt: string): Promise<string> {
  const request = {
    kind: "model",
    provider: "openai",
    name: "gpt-5-mini",
    input: prompt,
    estimate: { maxOutputTokens: 16 },
  } as const;
  return guard.run(request, async ({ signal, maxOutputTokens }) => {
    const response = await fetch(`${url}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: "Bearer none" },
      body: JSON.stringify({
        model: request.name,
        messages: [{ role: "user", content: prompt }],
        max_completion_tokens: maxOutputTokens,
      }),
      signal,
    });
    const { choices, usage } = (await response.json()) as {
      choices: { message: { content: string } }[];
      usage: { prompt_tokens: number; completion_tokens: number };
    };
    return {
      value: choices[0]?.message.content ?? "",
      usage: { inputTokens: usage.prompt_tokens, outputTokens: usage.completion_tokens },
    };
  });
}

let refusal: string | undefined;
while (refusal === undefined) {
  try {
    await ask("Say hello.");
  } catch (error) {
    refusal = findGuardError(error)?.code;
    if (refusal === undefined) throw error;
  }
}
await guard.close();
process.send?.({ calls, spentNanoUsd, refusal });
process.disconnect?.();
