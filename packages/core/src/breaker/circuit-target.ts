import { compileGlob, globsOverlap } from "../budget/glob.ts";
import { providerFamily } from "../call/provider-family.ts";
import { TOOL_PREFIX } from "./circuit-key.ts";

/**
 * Which circuits a target is about: a key or a glob of keys. People write a provider as they know it
 * (`openai/*`), and frameworks append the kind of model (`openai.responses/gpt-5`): what is forced
 * must not miss those in silence.
 */
export function compileTarget(target: string): (key: string) => boolean {
  const matches = compileGlob(target);
  return (key) => matches(key) || matches(withoutKind(key));
}

/** Whether some circuit may be what both targets are about. */
export function targetsOverlap(one: string, other: string): boolean {
  return globsOverlap(one, other) || meetsKindsOf(one, other) || meetsKindsOf(other, one);
}

/** Whether both may be about a circuit to whose provider, as `family` has it, a kind is appended. */
function meetsKindsOf(family: string, other: string): boolean {
  if (globsOverlap(family, withoutKind(other))) return true;
  const slash = family.indexOf("/");
  if (slash < 0 || family.startsWith(TOOL_PREFIX) || !/\*.*\//.test(other)) return false;
  return globsOverlap(`${family.slice(0, slash)}.*${family.slice(slash)}`, other); // `openai.*/*`
}

function withoutKind(key: string): string {
  const slash = key.indexOf("/");
  if (slash < 0 || key.startsWith(TOOL_PREFIX)) return key;
  return providerFamily(key.slice(0, slash)) + key.slice(slash);
}
