import { describe, expect, it } from "vitest";
import { missingFacts } from "./fact.ts";
import { missingNumbers } from "./missing-numbers.ts";
import { numbersIn } from "./numbers.ts";

const keys = (text: string): string[] => numbersIn(text).map(({ key }) => key);

describe("numbers of a text", () => {
  it.each([
    ["1,234.50 and 1234.5", ["1234.5", "1234.5"]],
    ["1.234,50 in Germany", ["1234.5"]],
    ["1,234,567", ["1234567"]],
    ["3.14 and 3,14", ["3.14", "3.14"]],
    ["2 million, 2m, 2bn, 1.5k", ["2000000", "2000000", "2000000000", "1500"]],
    ["2 men by 3 monkeys", ["2", "3"]],
    ["twenty men, THREE dogs, one ox, tent, sevenfold", ["20", "3"]],
    ["007 and 0.50", ["7", "0.5"]],
    ["a 47th, a v2, an A4", ["47"]],
    ["v2.5, V22.11.1", ["2.5", "22.11.1"]],
    ["5_000 and 1_000_000.5, INV_2024_001, 5_0000", ["5000", "1000000.5", "2024", "1", "5", "0"]],
    ["总额为１２４９．５０元、１，２４９円、１，２", ["1249.5", "1249", "1", "2"]],
    ["ends with 5.", ["5"]],
    ["$5-$7, 9%", ["5", "7", "9"]],
    ["1/2", ["1", "2"]],
    ["1\u00a0299,50 and 1’299.50", ["1299.5", "1299.5"]],
    ["12,34,567 rupees", ["1234567"]],
    ["twenty-three, forty two, nineteen", ["23", "42", "19"]],
    ["three hundred and five thousand, one hundred", ["305000", "100"]],
    ["two million, 3 hundred, $3.5 tn", ["2000000", "300", "3500000000000"]],
    ["forty and two, four five, twenty, three", ["40", "2", "4", "5", "20", "3"]],
    [".5, $.75, No.5", ["0.5", "0.75", "5"]],
    ["6.02e23 and 6.02 × 10^23, 1e6", ["6.02e+23", "6.02e+23", "1000000"]],
    [
      "6.02 × 10²³, 1.6·10⁻¹⁹, 6.02 \\times 10^{23}, 2 x 10^-3",
      ["6.02e+23", "1.6e-19", "6.02e+23", "0.002"],
    ],
    [
      "1920x1080, 4 x 100 metres, 3 x 10-12, 0x10",
      ["1920", "1080", "4", "100", "3", "10", "12", "0"],
    ],
    ["2½, 2 ½, ¾ and 3½ million", ["2.5", "2.5", "0.75", "3500000"]],
    ["١٬٢٣٤٫٥, २५, ๒๕๖๓ and １２３４", ["1234.5", "25", "2563", "1234"]],
    ["共有123人、総額5000円、총7명", ["123", "5000", "7"]],
    ["$1.2T", ["1200000000000"]],
    [
      "−5, ≥47, ≈3.5, →8, 3×4, （12）, 共计：9, 🔥6",
      ["5", "47", "3.5", "8", "3", "4", "12", "9", "6"],
    ],
    ['{"p":[10,20],"q":[-1.5,100,200]}', ["10", "20", "1.5", "100", "200"]],
    [
      "1,3 Mio. €, 2 Mrd., 3,5 Milliarden, 2 milliards, 3 mil millones, 2,5 milhões, 4 miljoen",
      ["1300000", "2000000000", "3500000000", "2000000000", "3000000000", "2500000", "4000000"],
    ],
    ["1万2千円、3.14万人、2兆3000億円、3百萬", ["12000", "31400", "2300000000000", "3000000"]],
    ["3億5000万、5千克、3万 20人、3万5億", ["350000000", "5", "30000", "20", "30000", "500000000"]],
    ["3억 5000만 원, 1.2.3万", ["350000000", "1.2.3"]],
    ["3천5백만 원, 5백만, 2억 3천 5백만", ["35000000", "5000000", "235000000"]],
    ["1億2千3百万円、1千5百人、5百分点、2千3千", ["123000000", "1500", "5", "2000", "3000"]],
    [
      "5 milímetros, 3 Köche, 4 Millionär, 2 trilhões, 3 biljoen",
      ["5", "3", "4", "2000000000000", "3000000000000"],
    ],
    ["3조 5000억, 제2조1항", ["3500000000000", "2000000000000", "1"]],
    ["version 1.2.3", ["1.2.3"]],
    ["100000000000000000001", ["100000000000000000001"]],
    ["someone, tenth, écten, oneself", []],
    ["no number", []],
  ])("%s", (text, expected) => {
    expect(keys(text)).toEqual(expected);
  });

  it.each(["March 2, 1991", "Mar. 2", "2 March", "2nd of march", "on 02 Mar 1991", "1991-03-02"])(
    "%s is the second of March",
    (text) => {
      expect(keys(text)).toContain("mar 2");
    },
  );

  it.each([
    ["1.000 users", "1000 users"],
    ["5 m long", "5 metres long"],
    ["5 t of steel", "5 tonnes"],
    ["½ of them", "1/2 of them"],
    ["in 2021 ½ of them", "½, in 2021"],
    ["page 10 200 and 10 201", "pages 10, 200 and 201"],
    ["12 500 people", "12500 people"],
    ["a list of 1,2,3", "1, 2 and 3"],
    ["on 2020-05-03", "on May 3, 2020"],
    ["on 3 may 2020", "on May 3, 2020"],
    ["6.02 x 1023", "1023, or 6.02 × 10^23"],
    ["1920 by 1080", "1920x1080"],
    ["5 mil of steel", "5 of steel"],
    ["100兆宽带", "100 Mbps"],
    ["5 mil euros", "5000 euros"],
    ["$3–5 billion", "between $3 billion and $5 billion"],
    ["from 1.5 to 2 million", "1,500,000 to 2,000,000"],
    ["10-20k users", "10,000 to 20,000 users"],
    ["3 bis 5 Millionen", "zwischen 3 Millionen und 5 Millionen"],
    ["entre 3 y 5 millones", "entre 3 millones y 5 millones"],
    ["de 2 à 3 milliards", "entre 2 milliards et 3 milliards"],
    ["3〜5万人", "3万人から5万人"],
    ["£3.5mn", "3.5 million pounds"],
    ["a discount of 15 %", '{ "discount": 0.15 }'],
    ["12,5 Prozent", "a rate of 0.125"],
    ["7 pour cent, 7 por ciento, 7％", "0.07"],
    ["150%", "1.5 times"],
  ])("%s may be meant by %s", (answer, context) => {
    expect(missingFacts(numbersIn(answer), numbersIn(context))).toEqual([]);
    expect(missingFacts(numbersIn(context), numbersIn(answer))).toEqual([]);
  });

  it.each([
    ["5.2 million", "5.2 billion"],
    ["5.2mn", "5.2bn"],
    ["3–5 billion", "3–5 million"],
    ["3 billion to 5 billion", "3 to 5 million"],
    ["4 bis 5 Millionen", "3 bis 5 Millionen"],
    ["4〜5万人", "3〜5万人"],
    ["1.000 to 2 million", "1,000,001"],
    ["10 200 people", "10 people"],
    ["6.02e23", "6.02e22"],
    ["½", "⅓"],
    ["١٢٣", "124"],
    ["共有123人", "共有124人"],
    ["2020-05-04", "May 3, 2020"],
    ["2020-05-04", "3.5.2020"],
    ["4.5.2020", "2020-05-03"],
    ["version 1.2.4", "version 1.2.3 of 1.2"],
    ["forty-two", "40 and 2"],
  ])("%s is not %s", (answer, context) => {
    expect(missingFacts(numbersIn(answer), numbersIn(context))).not.toEqual([]);
  });

  const missing = (answer: string, context: string): readonly unknown[] =>
    missingNumbers(numbersIn(answer), answer, context);

  it.each([
    ["am 03.05.2024", "on 2024-05-03"],
    ["on 2024-05-03", "am 3.5.2024"],
    ["5/3/2024", "2024-05-03T14:05:00Z"],
    ["2024年5月3日 and 5月3日", "2024-05-03"],
    ["2024 年 5 月 3 日, 2024년 5월 3일", "2024/05/03"],
    ["3. 5. 2024", "2024-05-03"],
    ["2024-05-03", "2024年5月3日"],
    ["May 12, 2026", "12.05.2026"],
    ["the 12th of May, 2026", "signed 5/12/2026"],
    ["Sept. 5, 2025", "2025年9月5日"],
    ["3.9.2025", "3 September 2025"],
    ["am 12.05.2026", "on May 12th, 2026"],
    ["2026-05-12", "on 12 May 2026"],
    ["Version 2.3.1", "v2.3.1 is out"],
    ["Flight LH 123 leaves from gate B 12.", '{ "flight": "LH123", "gate": "B12" }'],
    ["in UTF-8, hashed with SHA-256", "encoding=utf8, hash=sha256"],
    ["Python 3.12, on node 22", "image: python3.12-node22"],
    ["5/3/2024 at 14:05", "2024-05-03T14:05:00Z"],
    ["Call (415) 555-0132 (24/7).", "phone: 4155550132, 24/7"],
    ["+1 (415) 555-0132 or 415.555.0133", '{"tel":["+14155550132","+14155550133"]}'],
    ["4155550132", "(415) 555-0132"],
    ["01 23 45 67 89", "+33123456789"],
    ["+49 30 901820 und 030 901820", "+4930901820"],
    ["ISBN 978-3-16-148410-0", "9783161484100"],
  ])("%s stands in %s", (answer, context) => {
    expect(missing(answer, context)).toEqual([]);
  });

  it.each([
    ["5 lines", "opened on 2024-05-03"],
    ["on 2024-05-03", "5 lines with 3 trams each, in 2024"],
    ["5/3/2024", "2023-05-03, 2024"],
    ["04.05.2024", "2024-05-03"],
    ["May 13, 2026", "12.05.2026"],
    ["May 12, 2025", "12.05.2026"],
    ["June 12, 2026", "12.05.2026, the 12th of 2026"],
    ["12.06.2026", "on May 12th, 2026"],
    ["May 12", "5/12/2026"],
    ["2024-05-05", "Mayor 5, 2024"],
    ["05.03.2024", "Marbles 5, 2024"],
    ["Version 2.3.4", "v2.3.1"],
    ["(415) 555-0133", "4155550132"],
    ["555-0132", "4155550132"],
    ["4 155 550", "4155550132"],
    ["$12345.67", "1234567 people"],
    ["0.1234567", "01 234 567"],
    ["1234567", "12345.67"],
    ["a v7, then 7", "a v8"],
    ["LH 124", "LH123"],
    ["LH 12", "LH123"],
    ["Costs in 2024 rose", "see IN2024"],
    ["Python 3.1", "python3.12"],
    ["H 123", "LH123"],
    ["Node v22.11.1", "Node 20.11.1"],
    ["13 %", "a rate of 0.12"],
    ["100 %", "version 1"],
    ["0.13", "13 of 100"],
  ])("%s does not stand in %s", (answer, context) => {
    expect(missing(answer, context)).not.toEqual([]);
  });

  it.each(["Only 5 may attend.", "All 5 march on.", "The 5 may 5 times do so."])(
    "%s has no day that a context must have",
    (answer) => {
      expect(missingFacts(numbersIn(answer), numbersIn("up to 5 people"))).toEqual([]);
    },
  );

  it("says where each of them stands", () => {
    const text = "It was March 2, 1991.";
    const shown = numbersIn(text).map(
      ({ kind, start, end }) => `${kind}: ${text.slice(start, end)}`,
    );
    expect(shown).toEqual(["date: March 2", "number: 2", "number: 1991"]);
  });
});
