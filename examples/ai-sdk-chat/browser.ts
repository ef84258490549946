import { POST } from "./route.ts";

/** What a user of `useChat` sees of an answer: its text, and an error at its end. */
export async function ask(user: string, text: string): Promise<string> {
  const message = { id: "1", role: "user", parts: [{ type: "text", text }] };
  const response = await POST(
    new Request("http://localhost/api/chat", {
      method: "POST",
      headers: { "content-type": "application/json", "x-user": user },
      body: JSON.stringify({ messages: [message] }),
    }),
  );
  let seen = "";
  for (const line of (await response.text()).split("\n")) {
    if (!line.startsWith("data: {")) continue;
    const part = JSON.parse(line.slice("data: ".length)) as Record<string, string>;
    if (part["type"] === "text-delta") seen += part["delta"];
    if (part["type"] === "error") seen += `[${part["errorText"]}]`;
  }
  return seen;
}
