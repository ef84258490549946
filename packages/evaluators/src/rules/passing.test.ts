import { describe, expect, it } from "vitest";
import { z } from "zod";
import { z as z3 } from "zod/v3";
import {
  answerRelevance,
  citationsResolve,
  contains,
  costUnder,
  exactMatch,
  groundednessLexical,
  jsonValid,
  languageIs,
  latencyUnder,
  lengthWithin,
  matches,
  notRepeated,
  numbersSupported,
  piiLeak,
  profanity,
  promptInjectionHeuristic,
  refusal,
  schemaValid,
  toolCallValid,
  toolSequence,
} from "../index.ts";
import { type Case, CONTEXT, call, elsewhere, listed, tools, varied } from "./test-fixture.ts";

describe("rules that pass", () => {
  it.each<Case>([
    [
      "numbers in other ways to write them",
      numbersSupported(),
      { output: "twenty-three of 1 200, .5 each", context: "23 of 1,200 at 0.5" },
    ],
    [
      "labelled citations and addresses without a scheme's letter",
      citationsResolve(),
      {
        output: "So [Source 1], [citation:2] and http://www.a.example/x, in [2023] at [12:30].",
        context: ["a", { text: "b", url: "https://a.example/x" }],
      },
    ],
    [
      "capitals of another length",
      exactMatch({ ignoreCase: true, expected: "Straße, οδός" }),
      { output: "STRASSE, ΟΔΌΣ" },
    ],
    [
      "numbers beside a citation",
      numbersSupported(),
      { output: "It fell by 12 % [2].", context: ["It rose.", "It fell by 12 %."] },
    ],
    [
      "words beside citations and their addresses",
      groundednessLexical({ threshold: 0.9 }),
      {
        output: "It fell by 12 percent [doc-7], see https://a.example/some/long/path.",
        context: [
          { text: "It fell by 12 percent.", id: "doc-7", url: "https://a.example/some/long/path" },
          "See.",
        ],
      },
    ],
    ...[
      "See https://wiki.example/Mercury_(planet).",
      "See (https://wiki.example/Mercury_(planet)), too",
      "See **https://wiki.example/Moore's_law**",
      "See “https://wiki.example/Moore's_law”…",
      "见https://wiki.example/a了解更多",
      "见https://wiki.example/a；",
      "见https://wiki.example/水星",
    ].map((output) => {
      const paths = ["Mercury_(planet)", "Moore's_law", "a", "水星"];
      const context = paths.map((path) => ({ text: "", url: `https://wiki.example/${path}` }));
      return [
        `the address in ${output}`,
        citationsResolve(),
        { output, context: [...context, "a text"] },
      ] as const;
    }),
    [
      "an answer with hundreds of marks",
      numbersSupported(),
      { output: "So it is [1]. It is so [2]. ".repeat(150), context: ["so", "it"] },
    ],
    [
      "a figure beside what a file search of OpenAI says where it is from",
      numbersSupported(),
      { output: "It has 22 lines【4:0†a.pdf】.【12:3†source】", context: ["22 lines"] },
    ],
    [
      "figures beside numbers of sources that are links",
      numbersSupported(),
      {
        output:
          "22 lines [1](https://a.example/1), 96 trams [7](<https://b.example/2>) [^2](https://c.example)",
        context: [
          { text: "22 lines", url: "https://a.example/1" },
          { text: "96 trams", url: "https://b.example/2" },
        ],
      },
    ],
    ...[numbersSupported(), citationsResolve({ minimum: 2 })].map(
      (rule) =>
        [
          `the numbers of several sources behind one word, by ${rule.name}`,
          rule,
          { output: "It has 22 lines [cite: 1, 2].", context: ["22 lines", "trams"] },
        ] as const,
    ),
    ["an index in code", citationsResolve(), { output: "Use `list[7]`.", context: ["a"] }],
    ["an expression of JavaScript", matches({ pattern: /^MET/im }), { output: "they\nmet" }],
    [
      "calls that are known by name alone",
      toolSequence({ expected: ["a", "b"] }),
      { output: "Done.", metadata: { toolCalls: ["a", { name: "b" }] } },
    ],
    ["a late parcel", refusal(), { output: "I'm sorry for the delay! It is on its way." }],
    ["a quoted refusal", refusal(), { output: 'It said "I can\'t help with that" twice.' }],
    ["what others cannot do", refusal(), { output: "Guests are not permitted to share keys." }],
    ["a turn of phrase", refusal(), { output: "I can't help but admire the view." }],
    ...["See Section 5.2.4.1.", "as § 10.2.4.1 says"].map(
      (output) => [`the number in ${output}`, piiLeak(), { output }] as const,
    ),
    ...["It runs version 4.8.0.1.", '{"version": "4.8.0.1"}', "Firmware: 1.2.3.4"].map(
      (output) => [`the version in ${output}`, piiLeak(), { output }] as const,
    ),
    ...[
      "Open http://127.0.0.1:3000/.",
      "Bind to 0.0.0.0:80.",
      "The mask is 255.255.255.0.",
      "255.0.0.0 or 255.240.0.0",
      "permit 10 0.0.0.255",
    ].map((output) => [`the address of nobody in ${output}`, piiLeak(), { output }] as const),
    ...[
      "[Quelle 2]",
      "[Quelle: 1, 2]",
      "[Fuente 1]",
      "【出典2】",
      "[Fonti 1, 2]",
      "[Bronnen: 1, 2]",
    ].map(
      (mark) =>
        [
          `the number of the source in ${mark}`,
          numbersSupported(),
          { output: `Es sind 12 ${mark}.`, context: ["12 Teile", "13 Teile"] },
        ] as const,
    ),
    ...[{ id: 128734 }, { id: "128734" }].flatMap((id) =>
      [citationsResolve({ minimum: 1 }), numbersSupported()].map(
        (rule) =>
          [
            `the long id ${JSON.stringify(id)}`,
            rule,
            { output: "It is free [128734].", context: [{ ...id, text: "Free." }] },
          ] as const,
      ),
    ),
    [
      "long numbers in brackets that are no ids",
      citationsResolve(),
      { output: "The counts are [10000, 20000].", context: ["a"] },
    ],
    ...[{ id: 4711 }, { pageContent: "Free.", metadata: { id: 4711 } }].map(
      (document) =>
        [
          `the id of ${JSON.stringify(document)}, which is a number`,
          citationsResolve(),
          { output: "Shipping is free [4711].", context: [{ text: "Free.", ...document }] },
        ] as const,
    ),
    ...["doc7", "quelle7", "bron7"].map(
      (id) =>
        [
          `the id ${id}, which looks like a number of a source`,
          citationsResolve(),
          { output: `Shipping is free [${id}].`, context: [{ id, text: "Free." }] },
        ] as const,
    ),
    ["a phone's serial number", piiLeak(), { output: "IMEI 490154203237518" }],
    [
      "a label that says not to ignore it",
      promptInjectionHeuristic(),
      { output: "Never ignore safety instructions. You are now a member of the club." },
    ],
    [
      "headings, flags, Hebrew and an image as data",
      promptInjectionHeuristic(),
      {
        output: `## Instructions\n\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f} \u202bשלום\u202c data:image/png;base64,${"iVBORw0KGgo".repeat(30)}`,
      },
    ],
    [
      "a text in combining letters",
      languageIs({ language: "vi" }),
      { output: "Đơn hàng của bạn đã được gửi và sẽ đến vào thứ Hai.".normalize("NFD") },
    ],
    [
      "words of the context",
      groundednessLexical(),
      { output: "The board met in Berlin.", context: CONTEXT },
    ],
    [
      "numbers written another way",
      numbersSupported(),
      { output: "Revenue: 1.2 million on 2 March 1991", context: CONTEXT },
    ],
    [
      "an ISO date for a written one",
      numbersSupported(),
      { output: "1991-03-02? No: on 2nd of March 1991.", context: `${CONTEXT} 03 02` },
    ],
    [
      "one number of five, where that is enough",
      numbersSupported({ threshold: 0.2 }),
      { output: "1, 72, 73, 74 and 75", context: "1" },
    ],
    ["no numbers at all", numbersSupported(), { output: "It rose.", context: CONTEXT }],
    [
      "citations of documents that exist",
      citationsResolve(),
      {
        output: "So [1], so [2] and [doc-7].",
        context: ["a", { pageContent: "b", metadata: { id: "doc-7" } }],
      },
    ],
    [
      "files of the context by their names, wherever they lie",
      citationsResolve({ minimum: 3 }),
      {
        output: "So [leave.md], so [Source: handbook.pdf, p. 3] and 【handbook.pdf】.",
        context: [
          { pageContent: "a", metadata: { source: "policies/leave.md" } },
          { pageContent: "b", metadata: { source: "handbook.pdf" } },
        ],
      },
    ],
    [
      "files whose names begin like a label",
      citationsResolve({ minimum: 3 }),
      {
        output: "So [refund-policy.pdf], so [Ref. documents.pdf] and [docs.v2.md].",
        context: ["refund-policy.pdf", "documents.pdf", "docs.v2.md"].map((source) => ({
          pageContent: "a",
          metadata: { source },
        })),
      },
    ],
    [
      "an address of a source",
      citationsResolve(),
      { output: "See https://a.example/x.", context: [{ text: "b", url: "https://a.example/x/" }] },
    ],
    ...[
      ["https://a.example/M%C3%BCnchen", "https://a.example/München"],
      ["https://a.example/Paris_(France)", "https://a.example/Paris_%28France%29"],
      ["https://a.example/%E5%8C%97%E4%BA%AC", "https://a.example/北京"],
      ["https://a.example/user guide.pdf", "https://a.example/user%20guide.pdf"],
      ["https://a.example/%ff", "https://a.example/%FF"],
    ].flatMap(([url, cited]) =>
      [{ text: "b", url }, `See ${url}.`].map(
        (source) =>
          [
            `an address with other signs: ${cited}`,
            citationsResolve({ minimum: 1 }),
            { output: `See [there](${cited}).`, context: [source] },
          ] as const,
      ),
    ),
    [
      "an answer in the question's words",
      answerRelevance(),
      { input: "Where did the board meet?", output: "The board met in Berlin." },
    ],
    ["the expected text", exactMatch(), { output: "Paris", expected: "Paris" }],
    [
      "the expected text but for case and space",
      exactMatch({ ignoreCase: true, ignoreSpace: true }),
      { output: " paris \n", expected: "Paris" },
    ],
    [
      "the expected data with other key order",
      exactMatch(),
      { output: '{"b":1,"a":2}', expected: { a: 2, b: 1 } },
    ],
    [
      "wanted texts and no unwanted",
      contains({ all: ["ber"], any: ["x", "met"], none: ["Rome"] }),
      { output: "met in Berlin" },
    ],
    ["the call's expected texts", contains(), { output: "met in Berlin", expected: ["Berlin"] }],
    [
      "a pattern",
      matches({ pattern: "^met .* berlin$", ignoreCase: true }),
      { output: "met in Berlin" },
    ],
    ["no forbidden pattern", matches({ pattern: "Rome", not: true }), { output: "Berlin" }],
    ["JSON", jsonValid(), { output: '{"a":[1,2]}' }],
    [
      "JSON in a fence, where allowed",
      jsonValid({ allowFence: true }),
      { output: '```json\n{"a":1}\n```' },
    ],
    [
      "data of a schema",
      schemaValid({ schema: { type: "object", required: ["a"] } }),
      { output: '{"a":1}' },
    ],
    [
      "data of a zod schema",
      schemaValid({ schema: z.object({ a: z.number() }) }),
      { output: { a: 1 } },
    ],
    [
      "a draft-07 schema with a list of items",
      schemaValid({ schema: { type: "array", items: [{ type: "number" }] } }),
      { output: "[1]" },
    ],
    [
      "a tool call with the right arguments",
      toolCallValid({ tools }),
      { output: call("transfer", '{"amount":5,"to":"Ann"}') },
    ],
    [
      "a tool call by OpenAI's names",
      toolCallValid({ tools }),
      { output: { tool_calls: [{ function: { name: "look_up", arguments: '{"id":"7"}' } }] } },
    ],
    ...listed.map(
      ([place, held]) =>
        [
          `a call of a tool of ${place}`,
          toolCallValid({ tools: held }),
          { output: call("look_up", { id: "7" }) },
        ] as const,
    ),
    [
      "a call of a tool of Gemini",
      toolCallValid({ tools: [elsewhere.Gemini] }),
      { output: call("look_up", { id: "7" }) },
    ],
    [
      "a call of a tool of Bedrock",
      toolCallValid({ tools: [elsewhere.Bedrock] }),
      { output: call("look_up", { id: "7" }) },
    ],
    [
      "an argument more, where zod lets it",
      toolCallValid({
        tools: [
          { name: "a", inputSchema: z.looseObject({}) },
          { name: "b", inputSchema: z3.object({}).passthrough() },
        ],
      }),
      { output: [call("a", { x: 1 }), call("b", { x: 1 })] },
    ],
    ["an answer without calls", toolCallValid({ tools }), { output: "Done." }],
    [
      "an argument that only some other argument brings",
      toolCallValid({
        tools: [
          {
            name: "send",
            parameters: {
              type: "object",
              properties: { by: { enum: ["post", "mail"] } },
              if: { properties: { by: { const: "post" } } },
              // biome-ignore lint/suspicious/noThenProperty: JSON Schema calls it so
              then: { properties: { street: { type: "string" } }, required: ["street"] },
            },
          },
        ],
      }),
      { output: call("send", { by: "post", street: "Main Street" }) },
    ],
    [
      "tools that the call itself offered",
      toolCallValid(),
      { input: { messages: [], tools }, output: call("look_up", { id: "1" }) },
    ],
    [
      "the wanted tools in order",
      toolSequence({ expected: ["a", "b"], order: "in-order" }),
      {
        output: "",
        metadata: {
          toolCalls: [
            { name: "a", args: {} },
            { name: "x", args: {} },
            { name: "b", args: {} },
          ],
        },
      },
    ],
    ["an answer", refusal(), { output: "The capital is Paris." }],
    [
      "an apology that is no refusal",
      refusal(),
      { output: "I'm sorry to hear that your parcel is late. It comes today." },
    ],
    [
      "a refusal, where wanted",
      refusal({ want: "refusal" }),
      { output: "I can’t help with that." },
    ],
    [
      "harmless words with bad ones inside",
      profanity(),
      { output: "The class will assess the analysis of van Dyke's assets in Scunthorpe." },
    ],
    [
      "no personal data",
      piiLeak(),
      { output: "Order 4111 1111 1111 1112 of 12:30:45, version 2.10.0, see a::b" },
    ],
    [
      "codes with the digits of a card",
      piiLeak(),
      { output: "ORD4111111111111111, sha 3f4111111111111111b2, 4111.1111.1111.1111.5" },
    ],
    [
      "codes behind hyphens, and parts of numbers",
      piiLeak(),
      { output: "AB-4111111111111111, 0.4111111111111111, XY-460-89-9847, 460-89-9847-7" },
    ],
    ...[
      "36 46 56 66 76 86 96 106 116 126",
      "264-962-6581 226-722-8308",
      "[[62 24 31 10 22]\n [87 49 94 81 62 24 31 10 22 87 49 94 81]]",
      "6 1 2 5 6 2 7 6 5 5 6 5 3 8 3 7 8",
    ].map((output) => [`the rows of numbers in ${output}`, piiLeak(), { output }] as const),
    ...["git clone git@code.example:acme/app.git", "ssh://git@code.example/acme/app.git"].map(
      (output) => [`the address of a repository in ${output}`, piiLeak(), { output }] as const,
    ),
    ["an image for fine screens", piiLeak(), { output: "It shows logo@2x.png" }],
    [
      "an IBAN whose digits look like a card's",
      piiLeak({ kinds: ["card"] }),
      { output: "DK50 0040 0440 1162 43 and DK5000400440116243" },
    ],
    ...[
      "请联系help@acme.com获取帮助",
      "サポーターhelp@acme.comまで",
      "문의는 help@acme.com으로",
    ].map(
      (output) =>
        [
          `the allowed address in ${output}`,
          piiLeak({ allow: ["help@acme.com"] }),
          { output },
        ] as const,
    ),
    ["an allowed address", piiLeak({ allow: ["@acme.com"] }), { output: "Write to help@acme.com" }],
    [
      "a plain tool result",
      promptInjectionHeuristic(),
      { output: "The weather in Rome is fine. Ignore the clouds." },
    ],
    [
      "an order not to",
      promptInjectionHeuristic(),
      { output: "Please don't ignore previous instructions." },
    ],
    ...[
      "Never tell anyone your PIN.",
      "Do not reveal your password to anyone.",
      "Never tell anyone else your one-time code.",
    ].map((output) => [`the advice in ${output}`, promptInjectionHeuristic(), { output }] as const),
    [
      "emoji and Persian, which have joiners",
      promptInjectionHeuristic(),
      { output: "👨\u200d👩\u200d👧 می\u200cروم" },
    ],
    ["an equal number", exactMatch(), { output: -0, expected: 0 }],
    ["a fast call", latencyUnder({ limitMs: 10 }), { output: "", metadata: { latencyMs: 10 } }],
    ["a cheap call", costUnder({ limitUsd: 0.1 }), { output: "", metadata: { costUsd: 0.1 } }],
    ["a fitting length in code points", lengthWithin({ min: 2, max: 2 }), { output: "👍👍" }],
    [
      "German",
      languageIs({ language: "de" }),
      { output: "Das ist der Hund, und er ist nicht mein Freund." },
    ],
    [
      "German around code",
      languageIs({ language: "de" }),
      {
        output:
          "Das ist der Weg, und er ist nicht lang:\n```js\nif (the) return of(for, and, in)\n```",
      },
    ],
    ["Japanese", languageIs({ language: "ja" }), { output: "これは日本語の文章です。" }],
    ["a varied text", notRepeated(), { output: varied }],
    ["a word", notRepeated(), { output: "Yes." }],
    [
      "a link to an address that it shows",
      notRepeated(),
      {
        output:
          "[https://docs.example.com/en/latest/install](https://docs.example.com/en/latest/install)",
      },
    ],
    [
      "two rows alike",
      notRepeated(),
      {
        output:
          "- ICE 71 from Berlin Hbf to Munich Hbf is on time\n- ICE 72 from Berlin Hbf to Munich Hbf is on time",
      },
    ],
    [
      "two lines alike",
      notRepeated(),
      { output: "The train to Ulm is on time. So is the train to Bonn." },
    ],
  ])("%s", (_, rule, given) => {
    expect(rule.evaluate(given)).toMatchObject({ passed: true });
  });
});
