import type { GuardedCall } from "../call/guarded-call.ts";
import { quote } from "../config/describe.ts";
import { optionError } from "../config/option-error.ts";
import type { Warnings } from "../events/warnings.ts";
import type { KillTarget } from "../kill/kill-scope.ts";
import { type CompiledScope, compileScope } from "../kill/match-scope.ts";

/** Which model to call instead, who asks for it, and why. */
export interface DowngradeOptions {
  /** A key of the hooks' `models` option. */
  readonly key: string;
  readonly reason: string;
  readonly by: string;
}

/** A downgrade that comes and goes by itself, as an objective does well or not. */
export interface DowngradeRule extends DowngradeOptions {
  /**
   * Asked at each call whether it is wanted just now. It must be quick; one that throws, or is
   * asynchronous, asks for nothing.
   */
  readonly when: () => boolean;
}

/** A downgrade that somebody asked for. */
export interface Downgrade {
  /**
   * Takes it back. Goes through `authorize`, is an event and an audit record. The second time it
   * changes nothing.
   */
  revoke(why: { readonly reason: string; readonly by: string }): Promise<void>;
}

/** A model that is wanted for a call, and who wants it. */
export interface WantedModel {
  readonly key: string;
  readonly by: string;
}

/** Each call looks at every one of them. */
const MAX_WANTED = 1_000;

interface Wanted extends WantedModel {
  readonly scope: CompiledScope;
  readonly when: (() => boolean) | undefined;
}

/** Models that somebody wants replaced, for as long as they want it. */
export class Downgrades {
  readonly #wanted = new Set<Wanted>();
  readonly #warnings: Pick<Warnings, "once">;

  constructor(warnings: Pick<Warnings, "once">) {
    this.#warnings = warnings;
  }

  get size(): number {
    return this.#wanted.size;
  }

  /**
   * Ends with the returned function, which is true the first time.
   * @throws {ConfigError} `BR9001` when too many are in force, so that nobody forgets to end them.
   */
  add(
    target: KillTarget,
    { key, by }: DowngradeOptions,
    when: (() => boolean) | undefined,
  ): () => boolean {
    if (this.#wanted.size >= MAX_WANTED) {
      throw optionError("downgrade", key, `one of at most ${MAX_WANTED} in force; revoke others`);
    }
    const wanted = { key, by, scope: compileScope(target), when };
    this.#wanted.add(wanted);
    return () => this.#wanted.delete(wanted);
  }

  /** What is wanted for a call, the first to be asked for first. */
  wantedFor(call: GuardedCall): readonly WantedModel[] {
    const wishes: WantedModel[] = [];
    for (const wanted of this.#wanted) {
      if (this.#isInForce(wanted) && wanted.scope.matches(call)) wishes.push(wanted);
    }
    return wishes;
  }

  /** A rule that fails asks for nothing: the call is made as it was asked for, within its budgets. */
  #isInForce({ when, key, by }: Wanted): boolean {
    if (when === undefined) return true;
    let answer: unknown;
    try {
      answer = when();
    } catch {
      answer = undefined;
    }
    if (typeof answer === "boolean") return answer;
    if (answer instanceof Promise) answer.catch(() => {}); // ours to hear, or it would end the process
    const topic = `downgrade-rule:${key}`;
    this.#warnings.once(
      topic,
      `The rule of ${quote(by)} that asks for model ${quote(key)} failed, or said neither true nor false: it asks for nothing then. Mend its \`when\`.`,
    );
    return false;
  }

  /** Every key that may be asked for, so that hooks know which models to offer. */
  keys(): readonly string[] {
    return [...this.#wanted].map(({ key }) => key);
  }
}
