import { describe, expect, it } from "vitest";
import { languageIs } from "./language-is.ts";

const HELP = "https://help.example.com/hc/en-us/articles/what-to-do-when-you-are-locked-out-of-it";

describe("languageIs", () => {
  it.each([
    ["de", `Setzen Sie das Passwort zurück, wie es hier steht: [Hilfe](${HELP}-and-of-the-app)`],
    ["fr", `Pour ouvrir votre compte, suivez les étapes de la page ${HELP}.`],
    ["ja", `詳しくは${HELP}をご覧ください。`],
    ["zh", `详情请参阅帮助页面：${HELP}`],
    ["zh", "商品未使用且保持原包装。"],
    ["zh", "商品必须未使用且保持原包装。"],
    ["zh", "請您稍候，這筆訂單已經出貨。"],
  ])("reads a text of %s without its addresses: %s", (language, output) => {
    expect(languageIs({ language }).evaluate({ output })).toMatchObject({ passed: true });
  });

  it("is unsure of Japanese that is all nouns, and knows Chinese by its words", () => {
    const rule = languageIs({ language: "ja" });
    const bill = "請求書番号：2025-001\n金額：1万円\n支払期限：3月末日";
    expect(rule.evaluate({ output: bill })).toMatchObject({ label: "inconclusive" });
    const chinese = "您好，您的订单已经发货，预计明天送达。";
    expect(rule.evaluate({ output: chinese })).toMatchObject({ passed: false });
  });
});
