import { describe, expect, it } from "vitest";
import { quotesIn } from "./quotes.ts";

const quoted = (text: string): string[] =>
  quotesIn(text).map(({ start, end }) => text.slice(start + 1, end - 1));

describe("quotations", () => {
  it.each([
    ['She said "we will rise again" today.', "we will rise again"],
    ["Sie sagte: „wir kommen wieder“.", "wir kommen wieder"],
    ["»wir kommen wieder«, sagte sie", "wir kommen wieder"],
    ["« nous reviendrons demain », dit-elle", " nous reviendrons demain "],
    ["彼女は「私たちは明日また戻ってきます」と言った", "私たちは明日また戻ってきます"],
  ])("%s", (text, expected) => {
    expect(quoted(text)).toEqual([expected]);
  });

  it.each([
    'It said "yes" to one large offer and "no" to another.',
    "»Ja«, sagte er zu dem großen Angebot, »nein« zu dem anderen.",
    "«Oui» dit-il en partant vers la gare, «non» à la fin.",
    "“Yes” to one large offer and “no” to another.",
  ])("what stands between two short ones is none: %s", (text) => {
    expect(quoted(text)).toEqual([]);
  });
});
