import { join } from "node:path";
import { piiLeak } from "@burnrate/evaluators";
import { type Part, readEntries } from "./quality-data.ts";
import { round } from "./quality-figures.ts";

const FILE = "synth_dataset_v2.json";
/** Our kinds by the names of Presidio. */
const KINDS = {
  email: "EMAIL_ADDRESS",
  card: "CREDIT_CARD",
  iban: "IBAN_CODE",
  ssn: "US_SSN",
  ip: "IP_ADDRESS",
} as const;

/** Recall and precision of each kind. */
export const pii: Part = { files: [FILE], measure: measurePii };

function measurePii(folder: string): void {
  type Text = {
    readonly full_text: string;
    readonly spans: { entity_type: string; start_position: number; end_position: number }[];
  };
  const path = join(folder, FILE);
  const texts = readEntries<Text>(path, { full_text: "text", spans: "list" });
  const rows = (Object.keys(KINDS) as (keyof typeof KINDS)[]).map((kind) => {
    const rule = piiLeak({ kinds: [kind] });
    let spans = 0;
    let found = 0;
    let right = 0;
    let reported = 0;
    for (const { full_text, spans: all } of texts) {
      const wanted = all.filter(({ entity_type }) => entity_type === KINDS[kind]);
      const { evidence = [] } = rule.evaluate({ output: full_text }) as {
        evidence?: readonly { start: number; end: number }[];
      };
      const meets = (place: { start: number; end: number }, span: Text["spans"][number]): boolean =>
        place.start < span.end_position && place.end > span.start_position;
      spans += wanted.length;
      reported += evidence.length;
      found += wanted.filter((span) => evidence.some((place) => meets(place, span))).length;
      right += evidence.filter((place) => wanted.some((span) => meets(place, span))).length;
    }
    return { kind, spans, recall: round(found / spans), precision: round(right / reported) };
  });
  console.log("\nPersonal data, 1,500 synthetic texts of Presidio");
  console.table(rows);
}
