import type { Measured } from "../measure.ts";
import type { PeerFigures } from "./measure-peers.ts";
import { TRIALS, type Trial } from "./peer.ts";

const HEADS: Readonly<Record<Trial, string>> = {
  over: "over $1",
  unused: "refused though the rest would have paid",
  beside: "small ones refused, of 20",
  speed: "ns a call",
  aborted: "an aborted stream is charged",
};

/** The table of the README, in Markdown. */
export function toTable(
  measured: readonly PeerFigures[],
  versions: Record<string, string>,
): string {
  const heads = ["", ...TRIALS.map((trial) => HEADS[trial])];
  const rows = measured.map(({ peer, figures }) => {
    const version = peer.package === "burnrate" ? "" : ` ${versions[peer.package] ?? ""}`;
    const [name = "", ...how] = peer.name.split(", ");
    const title = [`${name}${version}`, ...how].join(", ");
    return [title, ...TRIALS.map((trial) => cell(trial, figures[trial]))];
  });
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(heads), line(heads.map(() => "---")), ...rows.map(line)].join("\n");
}

function cell(trial: Trial, { median, says }: Measured): string {
  if (Number.isNaN(median)) return `— ${says ?? ""}`.trim();
  if (says !== undefined) return says;
  if (trial === "over") return `$${median.toFixed(2)}`;
  return Math.round(median).toLocaleString("en-US");
}
