import fc from "fast-check";
import { englishDataset, englishRecommendedTransformers, RegExpMatcher } from "obscenity";
import { describe, expect, it } from "vitest";
import { profanity } from "../index.ts";

const WORDS =
  "class assess shit sh1t ShItTy van dyke dick Dickens cum cumulative analysis anal uranus, fück f*ck the of house double penetration cockney porn-free asset asset's ni66er tit title fuuuck push it twat? wank".split(
    " ",
  );

describe("profanity", () => {
  it("finds what the library finds in the whole text, though it looks at words it does not know only", () => {
    const whole = new RegExpMatcher({
      ...englishDataset.build(),
      ...englishRecommendedTransformers,
    });
    const rule = profanity();
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 40 }), (words) => {
        const text = words.join(" ");
        const wanted = whole.getAllMatches(text).map(({ startIndex }) => startIndex);
        const verdict = rule.evaluate({ output: text });
        expect([text, verdict.passed]).toEqual([text, wanted.length === 0]);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    "Toast the cumin and the shiitake in rapeseed oil.",
    "Assorted artisanal cheeses",
    "Take an analgesic; reanalyze it later.",
    "Both pilots left the cockpit.",
    "A law against human trafficking: who trafficked pays.",
    "Coated with a fire retardant in Fukuoka and Fukushima.",
    "Shiite clerics read Emily Dickinson.",
    "Fukuda of Fukui reads about the Assyrian kings.",
    "She graduated magna cum laude and wrote on cum-ex trades.",
    "np.cumsum(x) fills the column cum_sum.",
    "Dickson reads Moby Dick by the Rio Negro.",
    "A great tit beside a pussy willow: Turdus merula sings.",
    "The ABO blood group and the skin prick test",
    "same-sex marriage, sex education and tit for tat",
  ])("finds nothing in ordinary words: %s", (output) => {
    expect(profanity().evaluate({ output })).toMatchObject({ passed: true });
  });

  it.each([
    "cum in",
    "an assorted ass",
    "cumming",
    "a cock in a cockpit",
    "annals of anal",
    "a retard",
    "fuk you",
    "cum, laudably",
    "such a great prick",
    "moby, you dick",
    "This is bullshit!",
    "What a cock!!!",
    "Show me your (tits)",
    "_bullshit_",
    "pr!cks!",
  ])("still finds what stands beside them: %s", (output) => {
    expect(profanity().evaluate({ output })).toMatchObject({ passed: false });
  });
});
