import { type FakeProvider, startFakeProvider } from "@burnrate/core/testing";

/** A model on this machine that looks an order up and then answers, or asks for ever. */
export async function openProvider(): Promise<FakeProvider> {
  const provider = await startFakeProvider();
  provider.script(({ body }) => {
    const messages = body["messages"] as { role: string; content: string }[];
    const isLoop = messages.some(({ content }) => String(content).includes("for ever"));
    if (messages.at(-1)?.role === "tool" && !isLoop) {
      return { kind: "reply", text: "Order 7 was delivered." };
    }
    return { kind: "reply", toolCalls: [{ name: "lookup_order", arguments: { id: "7" } }] };
  });
  return provider;
}
