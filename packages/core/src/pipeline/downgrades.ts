import type { GuardedCall } from "../call/guarded-call.ts";
import {
  checkFunction,
  checkObject,
  checkString,
  refuseUnknownKeys,
} from "../config/check-object.ts";
import { checkKillTarget } from "../kill/check-kill.ts";
import type { KillTarget } from "../kill/kill-scope.ts";
import { type CompiledScope, compileScope } from "../kill/match-scope.ts";

/** Which model to call instead, who asks for it, and why. */
export interface DowngradeOptions {
  /** A key of the hooks' `models` option. */
  readonly key: string;
  readonly reason: string;
  readonly by: string;
  /** Asked at each call whether it is wanted just now (default always). It must be quick. */
  readonly when?: () => boolean;
}

const ALWAYS = (): boolean => true;

interface Wanted {
  readonly key: string;
  readonly scope: CompiledScope;
  readonly when: () => boolean;
}

/** Models that somebody wants replaced, for as long as they want it. */
export class Downgrades {
  readonly #wanted = new Set<Wanted>();

  get size(): number {
    return this.#wanted.size;
  }

  /** @throws {ConfigError} `BR9001` */
  add(target: KillTarget, options: DowngradeOptions): () => void {
    const given = checkObject("downgrade", options);
    refuseUnknownKeys("downgrade", given, ["key", "reason", "by", "when"]);
    for (const name of ["reason", "by"]) checkString(`downgrade.${name}`, given[name], 1_000);
    const key = checkString("downgrade.key", given["key"]);
    const when = given["when"] ?? ALWAYS;
    checkFunction("downgrade.when", when);
    const scope = compileScope(checkKillTarget(target));
    const wanted = { key, scope, when: when as () => boolean };
    this.#wanted.add(wanted);
    return () => {
      this.#wanted.delete(wanted);
    };
  }

  /** The keys that are wanted for a call, the first to be asked for first. */
  wantedFor(call: GuardedCall): readonly string[] {
    const keys: string[] = [];
    for (const { key, scope, when } of this.#wanted) {
      if (when() && scope.matches(call)) keys.push(key);
    }
    return keys;
  }

  /** Every key that may be asked for, so that hooks know which models to offer. */
  keys(): readonly string[] {
    return [...this.#wanted].map(({ key }) => key);
  }
}
