import { findGuardError } from "@burnrate/core";
import { type Fixture, MINUTE, turns } from "./actions.ts";

/** A provider that fails while it is broken, and takes as long as it is told. */
export interface Provider {
  isBroken: boolean;
  takesMs: number;
  /** One call in so many fails also while it is well. */
  oneIn?: number;
}

const CALL = { kind: "model", provider: "openai", name: "gpt-5", input: "" } as const;

/**
 * So many tasks begin each minute, as they do whatever became of those before. What takes less than
 * a step of time is seen at its end.
 */
export async function minutes(
  { guard, clock }: Pick<Fixture, "guard" | "clock">,
  provider: Provider,
  count: number,
  aMinute = 3,
  stepMs: number = MINUTE,
): Promise<Record<string, number>> {
  const ends: Record<string, number> = {};
  const tell = (how: string): void => {
    ends[how] = (ends[how] ?? 0) + 1;
  };
  let calls = 0;
  const work = async (): Promise<void> => {
    const { takesMs, isBroken, oneIn = Infinity } = provider;
    if (takesMs > 0) await new Promise<void>((done) => void clock.setTimer(done, takesMs));
    if (isBroken || ++calls % oneIn === 0) throw new Error("the provider is down");
  };
  const call = () => guard.run(CALL, async () => ({ value: await work() }));
  const task = (): Promise<void> =>
    guard.task({ name: "t", agent: "support" }, call).then(
      () => tell("good"),
      (error: unknown) => tell(findGuardError(error)?.code ?? "failed"),
    );
  for (let minute = 0; minute < count; minute++) {
    for (let one = 0; one < aMinute; one++) void task();
    await turns();
    for (let passedMs = 0; passedMs < MINUTE; passedMs += stepMs) {
      clock.advance(stepMs);
      await turns();
    }
  }
  return ends;
}
