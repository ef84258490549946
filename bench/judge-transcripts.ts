import { existsSync } from "node:fs";
import { join } from "node:path";
import { calibrate, type JudgeFunction, modelJudge } from "@burnrate/evaluators";
import { readRecords } from "./quality-data.ts";
import { round } from "./quality-figures.ts";

/**
 * What gpt-3.5-turbo-0613 answered of claims of Wikipedia and their evidence, as it was recorded.
 */
const TRANSCRIPTS = "wice_judge_gpt-3.5-turbo-0613.claim_test.jsonl";
/** WiCE's own labels of the same claims. */
const LABELS = "wice_claim_test.jsonl";
const NO_LABELS = `κ with people and balanced accuracy: skipped. What people said of these claims is not in
the recording, and WiCE's dev labels are of other claims. With WiCE's own test labels
(data/entailment_retrieval/claim/test.jsonl of github.com/ryokamoi/wice) as ${LABELS}
in the same folder, both are counted.`;
const SCALE = { supported: 1, partially_supported: 0.5, not_supported: 0 };

type RecordedLine = Readonly<Record<"prompt" | "response", string>>;
type LabelLine = Readonly<Record<"claim" | "label", string>>;

interface Transcript {
  readonly claim: string;
  readonly evidence: string;
  readonly answer: string;
}

/**
 * Replays recorded answers through `modelJudge` and `calibrate`, with people's labels where given.
 */
export async function measureTranscripts(folder: string): Promise<void> {
  console.log("\nModel judge: recorded answers of gpt-3.5-turbo-0613 on WiCE, replayed");
  console.log("(300 answers on 100 claims: not independent, so the intervals are too narrow)");
  const path = join(folder, TRANSCRIPTS);
  if (!existsSync(path)) {
    console.log(`skipped: no ${TRANSCRIPTS}`);
    return;
  }
  const recorded = readRecords<RecordedLine>(path, { prompt: "text", response: "text" });
  const transcripts = recorded.map(readTranscript);
  const answers = new Map(transcripts.map((one) => [keyOf(one.claim, one.evidence), one.answer]));
  const model: JudgeFunction = ({ prompt }) => ({
    text: answers.get(keyOf(fenced(prompt, "output"), fenced(prompt, "context"))) ?? "",
  });
  const evaluator = modelJudge({
    model,
    rubric: "groundedness",
    scale: SCALE,
    threshold: 0.75, // only the best label passes
    retries: 0,
  });
  const labels = readLabels(join(folder, LABELS));
  const items = transcripts.map(({ claim, evidence }) => ({ output: claim, context: evidence }));
  if (labels === undefined) {
    const verdicts = await Promise.all(items.map((item) => evaluator.evaluate(item)));
    const counts = Object.keys(SCALE).map((label) => [
      label,
      verdicts.filter((verdict) => verdict.label === label).length,
    ]);
    console.table([{ n: items.length, ...Object.fromEntries(counts) }]);
    console.log(NO_LABELS);
    return;
  }
  const labelled = items.flatMap((item) => {
    const label = labels.get(item.output);
    return label === undefined ? [] : [{ ...item, good: label === "supported" }];
  });
  const { kappa, balancedAccuracy, passRateOfGood, failRateOfBad, judged, confusion, objection } =
    await calibrate({ evaluator, labels: labelled });
  const rates = { κ: kappa, "balanced accuracy": balancedAccuracy, passRateOfGood, failRateOfBad };
  console.table(
    Object.entries(rates).map(([figure, { estimate, low, high }]) => ({
      figure,
      estimate: round(estimate),
      low: round(low),
      high: round(high),
    })),
  );
  console.log({ labelled: labelled.length, judged, confusion, mayBlock: objection ?? "yes" });
}

/** The prompt has examples first; the last claim and evidence are the ones that were judged. */
function readTranscript({ prompt, response }: RecordedLine): Transcript {
  const last = (text: string, tag: string): string => {
    const from = text.lastIndexOf(`<${tag}>`);
    return from < 0 ? "" : text.slice(from + tag.length + 2, text.indexOf(`</${tag}>`, from));
  };
  const [reason, verdict] = [last(response, "explanation"), last(response, "answer")];
  return {
    claim: last(prompt, "claim"),
    evidence: last(prompt, "evidence")
      .replaceAll(/<\/?sentence_\d+>/g, "")
      .trim(),
    answer: JSON.stringify({ reason, verdict }),
  };
}

function readLabels(path: string): ReadonlyMap<string, string> | undefined {
  if (!existsSync(path)) return undefined;
  const labels = readRecords<LabelLine>(path, { claim: "text", label: "text" });
  return new Map(labels.map(({ claim, label }) => [claim, label]));
}

function fenced(prompt: string, name: string): string {
  return (
    new RegExp(`<<<begin ${name} (\\S+)>>>\\n(.*)\\n<<<end ${name} \\1>>>`, "s").exec(
      prompt,
    )?.[2] ?? ""
  );
}

/** Letters and digits only: marks may be written with other brackets inside a fence. */
function keyOf(claim: string, evidence: string): string {
  return [claim, evidence].map((text) => text.replaceAll(/[^\p{L}\p{N}]/gu, "")).join("\n");
}
