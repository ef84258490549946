import type { GuardedCall } from "../call/guarded-call.ts";
import { checkObject, checkString, refuseUnknownKeys } from "../config/check-object.ts";
import { checkKillTarget } from "../kill/check-kill.ts";
import type { KillTarget } from "../kill/kill-scope.ts";
import { type CompiledScope, compileScope } from "../kill/match-scope.ts";

/** Which model to call instead, who asks for it, and why. */
export interface DowngradeOptions {
  /** A key of the hooks' `models` option. */
  readonly key: string;
  readonly reason: string;
  readonly by: string;
}

/** Models that somebody wants replaced, for as long as they want it. */
export class Downgrades {
  readonly #wanted = new Set<{ readonly key: string; readonly scope: CompiledScope }>();

  get size(): number {
    return this.#wanted.size;
  }

  /** @throws {ConfigError} `BR9001` */
  add(target: KillTarget, options: DowngradeOptions): () => void {
    const given = checkObject("downgrade", options);
    refuseUnknownKeys("downgrade", given, ["key", "reason", "by"]);
    for (const name of ["reason", "by"]) checkString(`downgrade.${name}`, given[name], 1_000);
    const key = checkString("downgrade.key", given["key"]);
    const wanted = { key, scope: compileScope(checkKillTarget(target)) };
    this.#wanted.add(wanted);
    return () => {
      this.#wanted.delete(wanted);
    };
  }

  /** The keys that are wanted for a call, the first to be asked for first. */
  wantedFor(call: GuardedCall): readonly string[] {
    const keys: string[] = [];
    for (const { key, scope } of this.#wanted) if (scope.matches(call)) keys.push(key);
    return keys;
  }
}
