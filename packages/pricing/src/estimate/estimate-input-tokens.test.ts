import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  FILE_TOKENS,
  IMAGE_TOKENS,
  MESSAGE_TOKENS,
  REQUEST_TOKENS,
  TOOLS_TOKENS,
  UNBOUNDED_TOKENS,
} from "./bounds.ts";
import { estimateInputTokens } from "./estimate-input-tokens.ts";

const bytes = (text: string): number => Buffer.byteLength(text);
const BASE64 = Buffer.alloc(300_000, 7).toString("base64");

describe("text counts at least one token a byte of UTF-8", () => {
  it.each(["", "hello", "Łódź 人工智能 👩‍💻", "\u0000\ud800", "a".repeat(10_000)])("%j", (text) => {
    expect(estimateInputTokens(text)).toBe(bytes(text) + MESSAGE_TOKENS + REQUEST_TOKENS);
    const message = estimateInputTokens([{ role: "user", content: text }]);
    expect(message).toBeGreaterThanOrEqual(bytes(text) + MESSAGE_TOKENS);
    expect(message).toBeLessThan(bytes(text) + 200);
  });

  it("in every place of every framework's shapes", () => {
    const long = "x".repeat(5_000);
    const call = { type: "tool-call", toolCallId: "1", toolName: "t", input: { q: long } };
    const result = (output: unknown) => ({ type: "tool-result", toolCallId: "1", output });
    const shapes: unknown[] = [
      [long],
      { messages: [{ role: "user", content: long }] },
      { prompt: long },
      { system: long, messages: [] },
      { input: [long] },
      { contents: [{ role: "user", parts: [{ text: long }] }] },
      [{ role: "user", content: [{ type: "text", text: long }] }],
      [{ role: "assistant", content: [{ type: "reasoning", text: long }] }],
      [{ role: "assistant", content: [call] }],
      [{ role: "tool", content: [result({ type: "text", value: long })] }],
      [{ role: "tool", content: [result({ type: "json", value: { a: [long] } })] }],
      [
        {
          role: "tool",
          content: [result({ type: "content", value: [{ type: "text", text: long }] })],
        },
      ],
      [{ role: "assistant", tool_calls: [{ function: { arguments: long } }], content: null }],
      [[{ lc_namespace: ["x"], content: long, additional_kwargs: {} }]],
      [{ lc_namespace: ["x"], content: "", tool_calls: [{ args: { q: long } }] }],
      [{ lc_namespace: ["x"], content: "", additional_kwargs: { function_call: long } }],
      [{ role: "user", content: [{ type: "file", mediaType: "text/plain", data: long }] }],
      [{ role: "user", content: [{ type: "document", source: { type: "text", data: long } }] }],
      [{ role: "user", content: [{ type: "image", image: "data:,", alt: long }] }],
      { tools: [{ name: "t", description: long }] },
      { tools: { t: { description: long } } },
      { anything: { nested: [{ deep: long }] } },
      new Map([["ignored", 1]]) && { list: [[[[long]]]] },
    ];
    for (const shape of shapes) {
      expect(estimateInputTokens(shape), JSON.stringify(shape).slice(0, 60)).toBeGreaterThanOrEqual(
        5_000,
      );
    }
  });

  it("with its escapes inside JSON", () => {
    const value = { "a\n": '"\\\n'.repeat(1_000), n: 1.5, b: true, z: null, l: [1, "é"] };
    expect(estimateInputTokens({ value })).toBeGreaterThanOrEqual(bytes(JSON.stringify({ value })));
  });

  it("for any JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const least = typeof value === "string" ? bytes(value) : 0;
        expect(estimateInputTokens(value)).toBeGreaterThanOrEqual(least);
        expect(estimateInputTokens({ value })).toBeGreaterThanOrEqual(bytes(JSON.stringify(value)));
      }),
    );
  });
});

describe("files", () => {
  const image = (part: object): number => estimateInputTokens([{ role: "user", content: [part] }]);

  it.each([
    { type: "file", mediaType: "image/png", data: new Uint8Array(300_000) },
    { type: "file", mediaType: "image/png", data: BASE64 },
    { type: "file", mediaType: "image/png", data: new URL("https://example.com/a.png") },
    { type: "file", mediaType: "image", data: { type: "data", data: new Uint8Array(300_000) } },
    { type: "image", image: `data:image/png;base64,${BASE64}` },
    { type: "image_url", image_url: { url: `data:image/png;base64,${BASE64}`, detail: "high" } },
    { type: "image_url", image_url: "https://example.com/a.png" },
    { type: "input_image", image_url: BASE64 },
    { type: "image", source_type: "base64", mime_type: "image/jpeg", data: BASE64 },
    { type: "image", source: { type: "base64", media_type: "image/png", data: BASE64 } },
    { inlineData: { mimeType: "image/png", data: BASE64 } },
    { image: { format: "png", source: { bytes: new Uint8Array(300_000) } } },
  ])("an image is a constant, not its bytes: %#", (part) => {
    expect(image(part)).toBeGreaterThanOrEqual(IMAGE_TOKENS);
    expect(image(part)).toBeLessThan(IMAGE_TOKENS + 400);
  });

  it.each([
    { type: "file", mediaType: "application/pdf", data: new URL("https://example.com/a.pdf") },
    { type: "file", mediaType: "application/pdf", data: "https://example.com/a.pdf" },
    { type: "file", mediaType: "application/pdf", data: new Uint8Array(5) },
    { type: "file", file: { file_id: "file-1" } },
    { type: "document", source: { type: "url", url: "https://example.com/a.pdf" } },
    { type: "file", mediaType: "text/plain", data: new URL("https://example.com/a.txt") },
    { fileData: { mimeType: "video/mp4", fileUri: "gs://b/a.mp4" } },
  ])("a document, or a file elsewhere, is a large constant: %#", (part) => {
    expect(image(part)).toBeGreaterThanOrEqual(FILE_TOKENS);
  });

  it("audio is bounded by its bytes, not counted as text", () => {
    const part = { type: "input_audio", input_audio: { data: BASE64, format: "wav" } };
    expect(image(part)).toBeGreaterThan(300_000 / 12);
    expect(image(part)).toBeLessThan(50_000);
  });

  it.each([Buffer.alloc(300_000), new Uint8Array(300_000), new ArrayBuffer(300_000)])(
    "bytes that are the input themselves are bounded by their base64: %#",
    (bytes) => {
      for (const input of [bytes, { input: bytes }]) {
        expect(estimateInputTokens(input)).toBeGreaterThanOrEqual(400_000);
        expect(estimateInputTokens(input)).toBeLessThan(400_200);
      }
    },
  );

  it("two images are two images, and one inside a tool result is one", () => {
    const png = { type: "image", image: new Uint8Array(9) };
    expect(estimateInputTokens([{ role: "user", content: [png, png] }])).toBeGreaterThan(
      2 * IMAGE_TOKENS,
    );
    const output = {
      type: "content",
      value: [{ type: "media", mediaType: "image/png", data: BASE64 }],
    };
    const tokens = image({ type: "tool-result", toolCallId: "1", toolName: "t", output });
    expect(tokens).toBeGreaterThanOrEqual(IMAGE_TOKENS);
    expect(tokens).toBeLessThan(IMAGE_TOKENS + 400);
  });

  it("text in a tool call's arguments is text, whatever it says it is", () => {
    const input = { type: "image", data: "x".repeat(50_000) };
    expect(image({ type: "tool-call", toolName: "t", input })).toBeGreaterThan(50_000);
  });
});

describe("tools", () => {
  it("of a schema object counts a constant, of the JSON that a library made of it only the JSON", () => {
    const json = { type: "object", properties: {} };
    const fromLibrary = Object.defineProperty({ ...json }, "~standard", { enumerable: false });
    const tokensOf = (inputSchema: object): number =>
      estimateInputTokens({ tools: [{ type: "function", name: "t", inputSchema }] });
    expect(tokensOf(fromLibrary)).toBe(tokensOf(json));
    expect(tokensOf({ ...json, "~standard": {} })).toBeGreaterThan(tokensOf(json) + 4_000 - 1);
    expect(tokensOf(Object.assign(fromLibrary, { _def: 1 }))).toBeGreaterThan(
      tokensOf(json) + 3_999,
    );
  });

  it("cost their JSON and what providers add", () => {
    const tool = { type: "function", name: "t", inputSchema: { type: "object", properties: {} } };
    const tokens = estimateInputTokens({ messages: [], tools: [tool] });
    expect(tokens).toBeGreaterThan(TOOLS_TOKENS + bytes(JSON.stringify(tool)));
    expect(estimateInputTokens({ messages: [], tools: [] })).toBeLessThan(100);
  });
});

describe("a message is counted once", () => {
  it.each([
    ["when it is long", "hello".repeat(1_000), 0],
    ["when there are many", "hello", 9],
  ])("%s, so that a turn costs only its new tail", (_, text, others) => {
    let reads = 0;
    const part = {
      type: "text",
      get text() {
        reads++;
        return text;
      },
    };
    const message = { role: "user", content: [part] };
    const messages = [message, ...Array(others).fill({ role: "user", content: "x" })];
    const first = estimateInputTokens(messages);
    expect(estimateInputTokens(messages)).toBe(first);
    expect(estimateInputTokens({ messages })).toBe(first);
    expect(reads).toBe(1);
  });

  it("and again when its parts grow beside its content, as of AI SDK 4's interfaces", () => {
    const parts = [{ type: "text", text: "x" }];
    const message = { role: "assistant", content: "x".repeat(2_000), parts };
    const before = estimateInputTokens([message]);
    parts.push({ type: "text", text: "y".repeat(2_000) });
    expect(estimateInputTokens([message])).toBeGreaterThan(before + 2_000);
    expect(estimateInputTokens([message])).toBe(estimateInputTokens([{ ...message }]));
  });

  it("and again when its parts are others or more, as of Gemini's messages", () => {
    const message = { role: "user", parts: [{ text: "x".repeat(2_000) }] };
    const first = estimateInputTokens([message]);
    message.parts.push({ text: "y".repeat(2_000) });
    const second = estimateInputTokens([message]);
    expect(second).toBeGreaterThan(first + 2_000);
    message.parts = [{ text: "z".repeat(5_000) }];
    expect(estimateInputTokens([message])).toBeGreaterThan(second + 900);
  });

  it("and again when its content is another or longer", () => {
    const message = { role: "user", content: "a" as unknown };
    const first = estimateInputTokens([message]);
    message.content = "abc";
    expect(estimateInputTokens([message])).toBe(first + 2);
    const content: unknown[] = [];
    message.content = content;
    const empty = estimateInputTokens([message]);
    content.push({ type: "text", text: "x".repeat(100) });
    expect(estimateInputTokens([message])).toBeGreaterThan(empty + 100);
  });
});

it("takes no type for a file because every object has its name", () => {
  const weighed = (type: string) =>
    estimateInputTokens([{ role: "user", content: [{ type, text: "hi" }] }]);
  expect(weighed("constructor")).toBeLessThan(weighed("some-new-type") + 10);
});

describe("hostile input", () => {
  const throwing = Object.defineProperty({}, "x", {
    enumerable: true,
    get: () => {
      throw new Error("no");
    },
  });
  const proxy = new Proxy(
    {},
    {
      ownKeys: () => {
        throw new Error("no");
      },
      get: () => {
        throw new Error("no");
      },
    },
  );
  const endless = (): unknown =>
    new Proxy(
      {},
      {
        ownKeys: () => ["a", "b"],
        getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
        get: () => endless(),
      },
    );
  const cyclic: Record<string, unknown> = { role: "user" };
  cyclic["content"] = [cyclic, { type: "file", file: cyclic }];
  cyclic["self"] = cyclic;
  let deep: unknown = "end";
  for (let i = 0; i < 100_000; i++) deep = [deep];
  let deepMessages: unknown = { role: "user", content: "x" };
  for (let i = 0; i < 100_000; i++) deepMessages = { messages: [deepMessages] };

  it.each<[string, unknown]>([
    ["a getter that throws", throwing],
    [
      "a message that throws",
      [
        Object.defineProperties(
          { role: "user", content: "x" },
          {
            y: {
              enumerable: true,
              get: () => {
                throw 1;
              },
            },
          },
        ),
      ],
    ],
    ["a proxy that throws", proxy],
    ["a list of them", [proxy, throwing]],
    ["an endless proxy", endless()],
    ["a message of one", [{ role: "user", content: [endless()] }]],
    ["a cycle", cyclic],
    ["a list with a cycle", [cyclic]],
    ["great depth", deep],
    ["great depth of requests", deepMessages],
    ["a BigInt", 10n ** 1000n],
    ["a BigInt inside", { a: [1n, Symbol("x"), () => 1, undefined, Number.NaN] }],
    ["a false length", { length: 1e12, content: { length: -5 } }],
    [
      "toJSON that throws",
      {
        a: {
          toJSON: () => {
            throw new Error("no");
          },
        },
      },
    ],
    ["undefined", undefined],
    ["null", null],
    ["a function", () => 1],
    ["a symbol", Symbol("x")],
  ])("gets a safe whole number: %s", (_name, value) => {
    const tokens = estimateInputTokens(value);
    expect(Number.isSafeInteger(tokens)).toBe(true);
    expect(tokens).toBeGreaterThan(0);
    expect(tokens).toBeLessThanOrEqual(UNBOUNDED_TOKENS);
  });

  it("that has no end counts as more than any call can have", () => {
    expect(estimateInputTokens({ x: endless() })).toBe(UNBOUNDED_TOKENS);
  });

  it("is read in proportion to its size", () => {
    let reads = 0;
    const counting: ProxyHandler<object> = {
      get: (target, key) => {
        reads++;
        return Reflect.get(target, key);
      },
    };
    const readsFor = (count: number): number => {
      reads = 0;
      const part = { type: "text", text: "hello", extra: { list: [1, 2, 3] } };
      const content = () => [new Proxy({ ...part }, counting)];
      const make = () => new Proxy({ role: "user", content: content() }, counting);
      estimateInputTokens({ messages: Array.from({ length: count }, make) });
      return reads;
    };
    expect(readsFor(5_000)).toBe(50 * readsFor(100));
  });
});
