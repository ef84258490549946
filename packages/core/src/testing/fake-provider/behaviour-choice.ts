import type { Behaviour } from "./behaviour.ts";
import { behaviourFault } from "./behaviour-fault.ts";
import type { ReceivedRequest } from "./received-request.ts";
import { RefusedRequest } from "./refused-request.ts";

/** Looks at a request and says how to treat it; `undefined` leaves it to the default reply. */
export type BehaviourScript = (request: ReceivedRequest) => Behaviour | undefined;

/** Decides how each request is treated. */
export interface BehaviourChoice {
  next(behaviour: Behaviour): void;
  forModel(model: string, behaviour: Behaviour): void;
  script(script: readonly Behaviour[] | BehaviourScript): void;
  reset(): void;
  /** The header `x-fake-behaviour` (JSON), else the queue, the model's, the script's, a reply. */
  choose(request: ReceivedRequest): Behaviour;
}

/** Makes the choice of behaviours, empty: every request gets the default reply. */
export function createBehaviourChoice(): BehaviourChoice {
  const queue: Behaviour[] = [];
  const models = new Map<string, Behaviour>();
  let current: BehaviourScript | undefined;
  return {
    next(behaviour) {
      queue.push(checked(behaviour));
    },
    forModel(model, behaviour) {
      models.set(model, checked(behaviour));
    },
    script(script) {
      current = typeof script === "function" ? script : inOrder(script);
    },
    reset() {
      queue.length = 0;
      models.clear();
      current = undefined;
    },
    choose(request) {
      const header = request.headers["x-fake-behaviour"];
      if (header !== undefined) return fromHeader(header);
      const chosen = queue.shift() ?? models.get(request.model) ?? current?.(request);
      return chosen === undefined ? { kind: "reply" } : checked(chosen);
    },
  };
}

function inOrder(behaviours: readonly Behaviour[]): BehaviourScript {
  if (!Array.isArray(behaviours)) throw new TypeError("a script is a list or a function");
  const left = behaviours.map(checked);
  return () => left.shift();
}

function fromHeader(header: string): Behaviour {
  let value: unknown;
  try {
    value = JSON.parse(header);
  } catch {
    throw new RefusedRequest(400, "The header x-fake-behaviour is not JSON.");
  }
  const fault = behaviourFault(value);
  if (fault !== undefined) throw new RefusedRequest(400, `x-fake-behaviour: ${fault}`);
  return value as Behaviour;
}

function checked(behaviour: Behaviour): Behaviour {
  const fault = behaviourFault(behaviour);
  if (fault !== undefined) throw new TypeError(fault);
  return behaviour;
}
