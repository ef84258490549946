import { describe, expect, it } from "vitest";
import { groundednessLexical, numbersSupported } from "../index.ts";

const context = "Soak the beans overnight. Simmer them over low heat for 2 hours. Add salt.";

describe("the numbers of a list", () => {
  it.each([
    ["1. Soak the beans overnight.\n2. Simmer them over low heat.\n3. Add salt."],
    ["How to cook:\n\n 1) Soak the beans overnight.\n 2) Simmer them.\n 3) Add salt."],
    ["**1.** Soak the beans overnight.\n\n**2.** Simmer them.\n\n**3.** Add salt."],
    ["Step 1: Soak the beans overnight.\nStep 2: Simmer them.\nStep 3: Add salt."],
    ["## 1. Soak\nSoak the beans overnight.\n## 2. Simmer\nSimmer them.\n## 3. Salt\nAdd salt."],
    ["1. Soak.\n   1. Soak the beans overnight.\n   2. Simmer.\n   3. Add salt.\n2. Simmer them."],
    ["1. Soak the beans overnight.\n1. Simmer them over low heat.\n1. Add salt."],
    ["### Step 1\nSoak the beans overnight.\n### **Step 2** – Simmer.\nSimmer them."],
    ["Step 1 – Soak the beans overnight.\nStep 2 - Simmer them.\nStep 3\nAdd salt."],
    ["1️⃣ Soak the beans overnight.\n2️⃣ Simmer them.\n3⃣ Add salt."],
    ["🔹 1️⃣0️⃣ **Soak** the beans overnight."],
    ["(1) Soak the beans overnight.\n(2) Simmer them.\n(3) Add salt."],
    ["1- Soak the beans overnight.\n2- Simmer them.\n3- Add salt."],
    [
      "- Option 1: Soak the beans overnight.\n- **Option 2:** Simmer them.\n- **Option 3**: Add salt.",
    ],
    ["**Option 1:**\nSoak the beans overnight.\n\n**Option 2:**\nSimmer them."],
    ["١. Soak the beans overnight.\n٢. Simmer them.\n٣. Add salt."],
  ])("are no claims: %j", (output) => {
    expect(numbersSupported().evaluate({ output, context }).label).toBe("no-numbers");
    const { passed, reason } = groundednessLexical().evaluate({ output, context });
    expect([passed, reason.includes("number")]).toEqual([true, false]);
  });

  it.each([
    ["1、浸泡豆子。\n2、小火煮。\n3、加盐。"],
    ["1.浸泡豆子。\n2.小火煮。\n3.加盐。"],
    ["（1）浸泡豆子。\n（2）小火煮。\n（3）加盐。"],
    ["１．浸泡豆子。\n２．小火煮。\n３．加盐。"],
    ["第1步：浸泡豆子。\n**第2步：** 小火煮。\n第 3 步 加盐。"],
  ])("are no claims in Chinese: %j", (output) => {
    const given = { output, context: "浸泡豆子。小火煮。加盐。" };
    expect(numbersSupported().evaluate(given).label).toBe("no-numbers");
  });

  it("are no claims in Korean, nor is the number of an article a step", () => {
    const labelOf = (output: string) => numbersSupported().evaluate({ output, context: "x" }).label;
    expect(labelOf("1단계: 콩을 불린다.\n**2단계:** 끓인다.")).toBe("no-numbers");
    expect(labelOf("第1条 甲方。\n第2条 乙方。")).toBe("unsupported");
    expect(labelOf("3단계 공정입니다.")).toBe("unsupported");
  });

  it.each([
    ["Schritt 1: Bohnen einweichen.\nSchritt 2: Salz dazu.", "Bohnen einweichen. Salz dazu."],
    ["Étape 1 : tremper.\nÉtape 2 : saler.", "tremper, saler"],
    ["Étape 1\u00a0: tremper.", "tremper, saler"],
    ["**Paso 1:** remojar.\n**Paso 2:** salar.", "remojar, salar"],
    ["ステップ1：豆を浸す。\nステップ2：塩を入れる。", "豆を浸す。塩を入れる。"],
    ["Шаг 1: замочить.\nШаг 2: посолить.", "замочить, посолить"],
    ["الخطوة 1: انقع الفول.\nالخطوة ٢: أضف الملح.", "انقع الفول. أضف الملح."],
    ["שלב 1: השרו.\nשלב 2: המליחו.", "השרו, המליחו"],
    ["手順１: 豆を浸す。\n手順２: 塩を入れる。", "豆を浸す。塩を入れる。"],
  ])("are no claims in other languages: %j", (output, said) => {
    expect(numbersSupported().evaluate({ output, context: said }).label).toBe("no-numbers");
  });

  it.each([
    ["Simmer them for\n(3) litres.", "3"],
    ["1. Soak the beans for 8 hours.\n2. Simmer them.", "8"],
    ["Simmer them for\n90. Add salt.", "90"],
    ["1. Soak.\n5. Simmer them.", "5"],
    ["Simmer them, of which\n3.5 litres remain.", "3.5"],
    ["Simmer them for\n3", "3"],
    ["Step 1\nSimmer them.\nStep 7 litres further.", "7"],
    ["Option 1: Soak.\nOption 3 litres", "3"],
    ["Step 1 – Soak.\nStep 47 – Simmer them.", "47"],
  ])("hide no other number: %j", (output, number) => {
    const start = output.indexOf(number);
    expect(numbersSupported().evaluate({ output, context })).toMatchObject({
      reason: `not in the context: number "${number}"`,
      evidence: [{ start, end: start + number.length }],
    });
  });
});
