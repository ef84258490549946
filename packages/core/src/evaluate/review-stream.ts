import type { GuardedCall } from "../call/guarded-call.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import type { Review } from "./evaluation-scheduler.ts";
import type { Subject } from "./subject.ts";

const PASSED: Promise<Review> = Promise.resolve({ passed: true });

/** Has the output of a stream judged as far as it came. */
export function reviewStream(
  call: GuardedCall,
  { evaluations, sources }: GuardRuntime,
  output: unknown,
): Promise<Review> {
  const panel = evaluations.panelOf(call);
  if (panel === undefined) return PASSED;
  const { kind: on, frame, input, request } = call;
  const known = sources.known(frame);
  const seen = { on, input, output, record: undefined, sources: known, partial: true } as const;
  const subject: Subject = { ...seen, frame, call, caller: request.signal };
  return evaluations.review(panel, subject);
}
