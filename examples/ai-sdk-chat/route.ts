import { convertToModelMessages, isStepCount, streamText, type UIMessage } from "ai";
import { findGuardError } from "burnrate";
import { model, tools } from "./chat.ts";
import { guard } from "./guard.ts";

/** What the browser may know of a refusal; everything else stays with the SDK's own text. */
const TEXTS: Readonly<Record<string, string>> = {
  BR1001: "The assistant is switched off at the moment.",
  BR2001: "You have used up what you may spend today.",
};

/** `app/api/chat/route.ts`: what `useChat` of the AI SDK talks to. */
export async function POST(request: Request): Promise<Response> {
  const { messages } = (await request.json()) as { messages: UIMessage[] };
  const user = request.headers.get("x-user") ?? "nobody"; // of your session: never of the body
  const prompt = await convertToModelMessages(messages);
  return guard.with({ user, agent: "chat" }, () => {
    const result = streamText({
      model,
      tools,
      messages: prompt,
      stopWhen: isStepCount(5),
      maxOutputTokens: 400,
      abortSignal: request.signal,
      onError: ({ error }) => {
        if (findGuardError(error) === undefined) console.error(error);
      },
    });
    return result.toUIMessageStreamResponse({
      onError: (error) => TEXTS[findGuardError(error)?.code ?? ""] ?? "An error occurred.",
    });
  });
}
