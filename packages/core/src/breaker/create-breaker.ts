import type { PendingCall } from "../call/pending-call.ts";
import { familyOf } from "../call/provider-family.ts";
import type { Refusal } from "../pipeline/refusal.ts";
import type { GateHold } from "../ports/gate.ts";
import type { Breaker, BreakerOptions, CircuitEventName, ForceOptions } from "./breaker.ts";
import { BreakerHost } from "./breaker-host.ts";
import { checkBreakerOptions } from "./check-breaker-options.ts";
import { type Barrier, type Circuit, forcedOpen } from "./circuit.ts";
import { circuitKey } from "./circuit-key.ts";
import { circuitRefusal } from "./circuit-refusal.ts";
import { compileTarget } from "./circuit-target.ts";
import { durationText } from "./circuit-text.ts";
import { Circuits } from "./circuits.ts";
import { fallbackChain } from "./fallback-chain.ts";
import { checkForce, checkReset, checkTarget, type Force, Forces } from "./forces.ts";

const NONE = { failures: 0, slow: 0, calls: 0 } as const;

/**
 * Makes a circuit breaker: it stops calling what fails beyond doubt, and tries again by itself. One
 * circuit for each model of a provider and for each tool; state is this process's own.
 *
 * @example
 * const guard = createGuard({ breaker: { slowCallMs: 30_000, idempotentTools: ["get_*"] } });
 * @throws {ConfigError} `BR9001`, also for a breaker that could never open and for a fallback cycle.
 */
export function createBreaker(options: BreakerOptions | true = true): Breaker {
  const rules = checkBreakerOptions("breaker", options);
  const host = new BreakerHost(rules.clock);
  const forces = new Forces();
  const circuits = new Circuits(rules, host, forces);

  function refuse(call: PendingCall, circuit: Circuit | undefined, barrier: Barrier): Refusal {
    const key = keyOf(call, circuit);
    const { failures, slow, calls } = circuit?.counted ?? NONE;
    const why = circuit?.why ?? forces.of(key, host.nowMs())?.why;
    const keys = [key, ...canonicalKeys(call)];
    const written = keys.find((candidate) => rules.fallbacks.has(candidate));
    const fallback = fallbackOf(written ?? (keys[1] as string));
    return circuitRefusal({ key, barrier, why, failures, slow, calls, fallback });
  }

  /** The first in the chain that lets calls pass. */
  function fallbackOf(key: string): string | undefined {
    for (const next of fallbackChain(rules.fallbacks, key, host)) {
      const known = circuits.writtenAs(next);
      const isOpen =
        known.length === 0
          ? forcedBarrier(next) !== undefined
          : known.every((circuit) => circuit.barrier(true) !== undefined);
      if (!isOpen) return next;
    }
    return undefined;
  }

  /** What a person said of a target that has no circuit yet. */
  function forcedBarrier(key: string): Barrier | undefined {
    const nowMs = host.nowMs();
    const force = forces.of(key, nowMs);
    return force?.open === true ? forcedOpen(force, nowMs) : undefined;
  }

  function lookAt(call: PendingCall, circuit: Circuit | undefined): Refusal | undefined {
    if (circuit?.isPlain === true) return undefined;
    if (circuit === undefined && forces.isEmpty) return undefined;
    const barrier =
      circuit === undefined
        ? forcedBarrier(keyOf(call, circuit))
        : circuit.barrier(call.idempotent);
    return barrier === undefined ? undefined : refuse(call, circuit, barrier);
  }

  function firstHold(call: PendingCall): GateHold {
    const { kind, provider, name, context } = call;
    const target = { kind, provider, name, context };
    return { release: (record) => record !== undefined && circuits.countFirst(target, record) };
  }

  function force(path: string, open: boolean, given: string, options: ForceOptions): string[] {
    const target = checkTarget(`${path}.target`, given);
    const { reason, by, ttlMs } = checkForce(path, options);
    const word = open ? "open" : "closed";
    const why = `forced ${word} by ${by} for ${durationText(ttlMs)}: ${reason}`;
    const nowMs = host.nowMs();
    const untilMs = nowMs + ttlMs;
    const forced: Force = { target, matches: compileTarget(target), open, untilMs, by, why };
    forces.add(forced, nowMs);
    const keys = change(target, (circuit) => circuit.force(forced));
    tellForced(forced);
    return keys;
  }

  function tellForced({ target, open, why, by, untilMs }: Force): void {
    tell(open ? "circuit-opened" : "circuit-closed", target, { why, by, untilMs });
  }

  function change(target: string, apply: (circuit: Circuit) => void): string[] {
    const matches = compileTarget(target);
    const changed = [...circuits.all()].filter(({ key }) => matches(key));
    for (const circuit of changed) apply(circuit);
    return changed.map(({ key }) => key);
  }

  function tell(
    name: CircuitEventName,
    key: string,
    { why, by, untilMs }: { readonly why: string; readonly by: string; readonly untilMs?: number },
  ): void {
    const { failures, slow, calls } = circuits.byKey(key)?.counted ?? NONE;
    const isOpen = name === "circuit-opened" && untilMs !== undefined;
    const retryAtMs = isOpen ? host.wallMs() + untilMs - host.nowMs() : undefined;
    host.emit(name, { key, why, failures, slow, calls, retryAtMs, by });
  }

  return {
    name: "breaker",
    hasFallbacks: rules.fallbacks.size > 0,
    attach: (guard) => host.attach(guard),
    look: (call) => lookAt(call, circuits.find(call)),
    acquire(call: PendingCall) {
      const circuit =
        circuits.find(call) ?? (forces.isEmpty ? undefined : circuits.findForced(call));
      const refusal = lookAt(call, circuit);
      if (refusal !== undefined) return refusal;
      return circuit === undefined ? firstHold(call) : circuit.take(call.idempotent);
    },
    circuits: () => Array.from(circuits.all(), (circuit) => circuit.status()),
    forceOpen: (target, options) => force("forceOpen", true, target, options),
    forceClose: (target, options) => force("forceClose", false, target, options),
    reset(given, why) {
      const target = checkTarget("reset.target", given);
      const { reason, by, isOwn } = checkReset(why);
      if (isOwn) forces.takeBackOwn(target, by);
      else forces.takeBack(target, host.nowMs());
      const keys = change(target, (circuit) => circuit.reset());
      tell("circuit-closed", target, { why: `reset by ${by}: ${reason}`, by });
      if (isOwn) for (const force of forces.within(target, host.nowMs())) tellForced(force);
      return keys;
    },
  };
}

function keyOf({ kind, provider, name }: PendingCall, circuit: Circuit | undefined): string {
  return circuit?.key ?? circuitKey(kind, provider, name);
}

/** As people write it, whatever a framework calls the provider's endpoint: `x-ai` or `xai`. */
function canonicalKeys(call: PendingCall): readonly string[] {
  const { kind, canonicalProvider = call.provider, model = call.name } = call;
  return [canonicalProvider, familyOf(call)].map((name) => circuitKey(kind, name, model));
}
