import { readdirSync, readFileSync } from "node:fs";

/** Article 1 of the Universal Declaration of Human Rights, as the United Nations publish it. */
const LANGUAGES = {
  english:
    "All human beings are born free and equal in dignity and rights. They are endowed with reason and conscience and should act towards one another in a spirit of brotherhood.",
  german:
    "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen begabt und sollen einander im Geist der Brüderlichkeit begegnen.",
  french:
    "Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison et de conscience et doivent agir les uns envers les autres dans un esprit de fraternité.",
  polish:
    "Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw. Są oni obdarzeni rozumem i sumieniem i powinni postępować wobec innych w duchu braterstwa.",
  russian:
    "Все люди рождаются свободными и равными в своем достоинстве и правах. Они наделены разумом и совестью и должны поступать в отношении друг друга в духе братства.",
  greek:
    "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα. Είναι προικισμένοι με λογική και συνείδηση, και οφείλουν να συμπεριφέρονται μεταξύ τους με πνεύμα αδελφοσύνης.",
  chinese: "人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心，并应以兄弟关系的精神相对待。",
  japanese:
    "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。人間は、理性と良心とを授けられており、互いに同胞の精神をもって行動しなければならない。",
  korean:
    "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다. 인간은 천부적으로 이성과 양심을 부여받았으며 서로 형제애의 정신으로 행동하여야 한다.",
  arabic:
    "يولد جميع الناس أحرارا متساوين في الكرامة والحقوق. وقد وهبوا عقلا وضميرا وعليهم أن يعامل بعضهم بعضا بروح الإخاء.",
  hindi:
    "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है। उन्हें बुद्धि और अन्तरात्मा की देन प्राप्त है और परस्पर उन्हें भाईचारे के भाव से बर्ताव करना चाहिए।",
};

/** Numbers from 0 to 1, the same on every run. */
export type Random = () => number;

/** A Lehmer generator: good enough to mix texts, and the same everywhere. */
export function createRandom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

const here = new URL("../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, here), "utf8");
const sources = readdirSync(new URL("src", here), { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts") && !path.includes("rate-cards"))
  .sort();

const CODE = sources.map((path) => read(`src/${path}`)).join("\n");
const MARKDOWN = read("README.md");
const TABLE = read("src/data/rate-cards.ts");

/** Makes text of about a length in characters. */
type MakeText = (length: number, random: Random) => string;

function words(text: string): MakeText {
  const hasSpaces = text.includes(" ");
  const parts = hasSpaces ? text.split(" ") : text.split(/(?<=[，。、])/u);
  const joint = hasSpaces ? " " : "";
  return (length, random) => {
    let made = "";
    while (made.length < length) made += parts[Math.floor(random() * parts.length)] + joint;
    return made.slice(0, length);
  };
}

function slice(text: string): MakeText {
  return (length, random) => {
    const from = Math.floor(random() * Math.max(0, text.length - length));
    return text.slice(from, from + length);
  };
}

function json(length: number, random: Random): string {
  const rows: unknown[] = [];
  for (let size = 0; size < length; size += 90) {
    const id = Math.floor(random() * 1e9).toString(36);
    rows.push({
      id,
      total: Math.round(random() * 1e6) / 100,
      paid: random() < 0.5,
      tags: [id, "x"],
    });
  }
  return JSON.stringify(rows).slice(0, length);
}

function base64(length: number, random: Random): string {
  const bytes = Uint8Array.from({ length: Math.ceil((length * 3) / 4) }, () => random() * 256);
  return Buffer.from(bytes).toString("base64").slice(0, length);
}

function emoji(length: number, random: Random): string {
  let made = "";
  while (made.length < length) made += String.fromCodePoint(0x1f300 + Math.floor(random() * 700));
  return made;
}

/** What calls may carry, by kind. */
export const TEXTS: Readonly<Record<string, MakeText>> = {
  ...Object.fromEntries(Object.entries(LANGUAGES).map(([name, text]) => [name, words(text)])),
  code: slice(CODE),
  markdown: slice(MARKDOWN),
  table: slice(TABLE),
  json,
  base64,
  emoji,
};
