import { describe, expect, it } from "vitest";
import { answerRelevance } from "./answer-relevance.ts";

describe("answerRelevance", () => {
  it.each([
    ["What is the capital of France?", "Paris."],
    ["Wie heißt die Hauptstadt von Frankreich?", "**Paris**"],
    ["What is 2+2?", "4"],
    ["¿Está abierto?", "Sí."],
    ["法国的首都是哪里？", "巴黎。"],
    ["ما هي عاصمة فرنسا؟", "باريس"],
  ])("makes no verdict of a single word: %s %s", (input, output) => {
    expect(answerRelevance().evaluate({ input, output })).toMatchObject({ label: "inconclusive" });
  });

  it.each([
    ["Is Paris the capital?", "Paris.", true],
    ["How long do refunds take?", "Bananas are yellow.", false],
    ["Wie lange dauert eine Rückerstattung?", "Berlin liegt an der Spree.", false],
    ["退款需要多长时间？", "巴黎是法国的首都。", false],
    ["כמה זמן לוקח החזר?", "פריז היא בירת צרפת.", false],
  ])("judges all others: %s %s", (input, output, passed) => {
    expect(answerRelevance().evaluate({ input, output })).toMatchObject({ passed });
  });
});
