import { isForeignGlob } from "../budget/scope-field.ts";
import {
  checkBoolean,
  checkObject,
  checkString,
  checkWholeNumber,
  refuseUnknownKeys,
} from "../config/check-object.ts";
import { optionError } from "../config/option-error.ts";
import { ConfigError } from "../errors/config-error.ts";
import { checkReason } from "../kill/check-kill.ts";
import type { ForceOptions, ResetOptions } from "./breaker.ts";
import { compileTarget, targetsOverlap } from "./circuit-target.ts";

/** Which circuits a person's word is about: a pattern of keys. */
interface Word {
  readonly target: string;
  readonly matches: (key: string) => boolean;
  /** On the monotonic clock. */
  readonly untilMs: number;
}

/** What a person said of all circuits that a pattern matches. */
export interface Force extends Word {
  readonly open: boolean;
  readonly by: string;
  readonly why: string;
}

const MAX_FORCES = 256;
/** Longest time that a force can be in place: 24 days. Whoever means for ever means a kill. */
const MAX_TTL_MS = 2 ** 31 - 1;

/**
 * What persons have forced, also of circuits that nothing has called yet. The latest word counts;
 * that of somebody else is kept beneath it, for when it ends or is taken back.
 */
export class Forces {
  /** A word that forces nothing is an exception to those before it. */
  #words: (Force | Word)[] = [];

  /** @throws {ConfigError} `BR9001` when too many are in place. */
  add(force: Force, nowMs: number): void {
    this.takeBackOwn(force.target, force.by);
    this.#push(force, nowMs);
  }

  /** Takes back what somebody forced himself: what others did counts again. */
  takeBackOwn(target: string, by: string): void {
    this.#drop(target, (word) => "by" in word && word.by === by);
  }

  /**
   * Takes back what the target covers. One that covers more, or other keys too,
   * goes on for all others.
   * @throws {ConfigError} `BR9001` when too many are in place.
   */
  takeBack(target: string, nowMs: number): void {
    this.#drop(target, () => true);
    const wider = this.#words.filter((word) => targetsOverlap(word.target, target));
    if (wider.length === 0) return;
    const untilMs = Math.max(...wider.map((word) => word.untilMs));
    this.#push({ target, matches: compileTarget(target), untilMs }, nowMs);
  }

  get isEmpty(): boolean {
    return this.#words.length === 0;
  }

  of(key: string, nowMs: number): Force | undefined {
    if (this.#words.length === 0) return undefined;
    const last = this.#words.findLast((word) => nowMs < word.untilMs && word.matches(key));
    return last !== undefined && "open" in last ? last : undefined;
  }

  /** What was forced open, where its time is over and nothing that was forced lasted longer. */
  overFor(key: string, nowMs: number): Force | undefined {
    let last: Force | undefined;
    for (const word of this.#words) {
      if (!word.matches(key)) continue;
      if (!("open" in word)) last = undefined;
      else if (last === undefined || word.untilMs >= last.untilMs) last = word;
    }
    return last?.open === true && nowMs >= last.untilMs ? last : undefined;
  }

  /** What is forced of circuits of a target, the latest word last. */
  within(target: string, nowMs: number): Force[] {
    return this.#words
      .filter((word) => "open" in word)
      .filter((word) => nowMs < word.untilMs && targetsOverlap(word.target, target));
  }

  #drop(target: string, isMeant: (word: Force | Word) => boolean): void {
    const covers = compileTarget(target);
    this.#words = this.#words.filter((word) => !(covers(word.target) && isMeant(word)));
  }

  /** What is over stays while there is room: what nothing has called since is to be probed still. */
  #push(word: Force | Word, nowMs: number): void {
    if (this.#words.length >= MAX_FORCES) {
      this.#words = this.#words.filter(({ untilMs }) => nowMs < untilMs);
    }
    if (this.#words.length >= MAX_FORCES) {
      throw new ConfigError({
        message: `${MAX_FORCES} targets are forced already. Reset some, or use a glob such as "openai/*".`,
        scope: "breaker",
      });
    }
    this.#words.push(word);
  }
}

/**
 * A circuit's key or a glob of keys.
 * @throws {ConfigError} `BR9001`
 */
export function checkTarget(path: string, target: unknown): string {
  const text = checkString(path, target, 400);
  if (!isForeignGlob(text)) return text;
  throw optionError(path, target, "a circuit's key, or a glob in which * is the only wildcard");
}

/** @throws {ConfigError} `BR9001` */
export function checkForce(path: string, given: unknown): ForceOptions {
  const options = checkObject(`${path}.options`, given);
  refuseUnknownKeys(`${path}.options`, options, ["reason", "by", "ttlMs"]);
  const { ttlMs, ...why } = options;
  const { reason, by } = checkReason(path, why as unknown as ForceOptions);
  checkWholeNumber(`${path}.ttlMs`, ttlMs, { min: 1, max: MAX_TTL_MS });
  return { reason, by, ttlMs: ttlMs as number };
}

/** @throws {ConfigError} `BR9001` */
export function checkReset(given: unknown): Required<ResetOptions> {
  const { isOwn = false, ...why } = checkObject("reset.options", given ?? {});
  checkBoolean("reset.isOwn", isOwn);
  return { ...checkReason("reset", why as unknown as ResetOptions), isOwn: isOwn as boolean };
}
