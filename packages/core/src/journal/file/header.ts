import { isSameBoot, type ProcessMark } from "./process-mark.ts";

/** Of the lines that follow. A file of another format is left alone. */
const FORMAT = 1;
/** No header is longer. */
export const MAX_HEADER_BYTES = 4_096;

/** The first line of a journal. */
export interface Header extends ProcessMark {
  readonly format: number;
  /** Name of the store that it is about. */
  readonly store: string;
}

/** The first line for the journal of a process. */
export function formatHeader(store: string, mark: ProcessMark): string {
  const header: Header = { format: FORMAT, store, ...mark };
  return `${JSON.stringify(header)}\n`;
}

/** The header that a file begins with; undefined when it begins with something else. */
export function parseHeader(text: string): Header | undefined {
  try {
    const { format, store, boot, space, pid } = JSON.parse(text.slice(0, text.indexOf("\n")));
    const isBoot = typeof boot === "string" || typeof boot === "number";
    const isOurs = format === FORMAT && isBoot && Number.isSafeInteger(pid) && pid > 0;
    if (!isOurs || typeof store !== "string" || typeof space !== "string") return undefined;
    return { format, store, boot, space, pid };
  } catch {
    return undefined;
  }
}

/** Whether its lines are about a store, and can be relied on: none was lost in a power cut. */
export function isUsable(header: Header, store: string, own: ProcessMark): boolean {
  return header.store === store && isSameBoot(header, own);
}
