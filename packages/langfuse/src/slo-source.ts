/** The part of an SLO engine that is read; `createSloEngine` of `@burnrate/slo` has it. */
export interface SloSource {
  readonly objectives: readonly {
    readonly name: string;
    readonly match?: { readonly agent?: string };
  }[];
  status(name: string): {
    readonly state: string;
    readonly remaining: number | null | undefined;
  };
}

/** Whether an objective is about an agent, or about one that it works for. */
export function concerns(match: { readonly agent?: string } | undefined, agent = ""): boolean {
  const wanted = match?.agent;
  return wanted === undefined || agent === wanted || agent.startsWith(`${wanted}/`);
}
