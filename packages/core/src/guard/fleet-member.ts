import type { KillReceipt } from "../kill/kill-options.ts";
import type { ActiveKill } from "../kill/kill-switch.ts";
import type { CancelTimer, Clock } from "../ports/clock.ts";
import type { Fleet, KillAcknowledgement } from "../ports/fleet.ts";
import { inTime, LATE } from "../ports/in-time.ts";
import { isPromise, type MaybePromise } from "../ports/maybe-promise.ts";

/** A process that was not heard of for so long is not waited for. */
const ALIVE_MS = 15_000;
const BEAT_EVERY_MS = 5_000;
/** Longest that a store may take to hear that we live, or leave. */
const ANSWER_MS = 2_000;
/** Kills older than this are nobody's to wait for. */
const RECENT_MS = 60_000;
/** Looks that follow at once; then there is a pause between them. */
const EAGER_LOOKS = 20;
const PAUSE_MS = 10;
/** Stands for processes that nobody can name. */
const UNKNOWN = "(the store did not say who else there is)";

type Answers = Pick<KillReceipt, "acks" | "missing">;

/** This guard among the processes that share its store. */
export class FleetMember {
  readonly name: string;
  readonly #fleet: Fleet | undefined;
  readonly #clock: Clock;
  readonly #nowMs: () => number;
  #cancel: CancelTimer | undefined;
  #beating: Promise<void> | undefined;
  #hasLeft = false;

  /** `nowMs`: what time it is for those who share the store. */
  constructor(fleet: Fleet | undefined, clock: Clock, name: string, nowMs: () => number) {
    this.#fleet = fleet;
    this.#clock = clock;
    this.#nowMs = nowMs;
    this.name = name;
  }

  /**
   * Says that we live, again and again; waits for the first time, so that whoever kills from then
   * on waits for us, too. Never throws: whoever is not heard is waited for in vain.
   */
  join(): MaybePromise<void> {
    if (this.#fleet === undefined || this.#hasLeft) return undefined;
    this.#cancel?.();
    this.#cancel = this.#clock.setTimer(() => void this.join(), BEAT_EVERY_MS, "background");
    return this.#beat(this.#fleet);
  }

  /** Nobody waits for us any more, whatever was under way. */
  async leave(): Promise<void> {
    this.#hasLeft = true;
    this.#cancel?.();
    try {
      await this.#beating; // a store with many connections could hear of it afterwards
      const { name } = this;
      await inTime(this.#clock, ANSWER_MS, () => this.#fleet?.leave(name));
    } catch {
      // Others will notice when we are not heard of any more.
    }
  }

  #beat(fleet: Fleet): MaybePromise<void> {
    const { name } = this;
    try {
      const beating = fleet.beat(name, ALIVE_MS);
      if (!isPromise(beating)) return undefined;
      const done = (): void => {};
      this.#beating = inTime(this.#clock, ANSWER_MS, () => beating).then(done, done);
      return this.#beating;
    } catch {
      return undefined;
    }
  }

  /** Says that a kill that somebody else pulled is in force here. */
  acknowledge({ id: killId, atMs }: ActiveKill, aborted: number): void {
    if (this.#nowMs() - atMs > RECENT_MS) return;
    quietly(() => this.#fleet?.acknowledge({ killId, process: this.name, aborted }));
  }

  /** Waits until every living process has a kill in force, or the time is up. */
  async answersTo(killId: string, aborted: number, timeoutMs: number): Promise<Answers> {
    const own: KillAcknowledgement = { killId, process: this.name, aborted };
    const endsMs = this.#clock.monotonicMs() + timeoutMs;
    let answers: Answers = { acks: [named(own)], missing: [UNKNOWN] };
    for (let looks = 0; ; looks++) {
      const leftMs = Math.max(1, endsMs - this.#clock.monotonicMs());
      const look = await inTime(this.#clock, leftMs, () => this.#look(killId, own));
      // A store may fall silent, and the last look is cut short: what was heard before counts.
      if (look !== LATE && look !== undefined) answers = look;
      if (answers.missing.length === 0 || this.#clock.monotonicMs() >= endsMs) return answers;
      if (looks >= EAGER_LOOKS) await this.#pause();
    }
  }

  /** Undefined when the store does not say. */
  async #look(killId: string, own: KillAcknowledgement): Promise<Answers | undefined> {
    if (this.#fleet === undefined) return { acks: [named(own)], missing: [] };
    try {
      const others = await this.#fleet.acknowledgements(killId);
      const living = await this.#fleet.living();
      const acks = [own, ...others.filter(({ process }) => process !== this.name)];
      const answered = new Set(acks.map(({ process }) => process));
      return { acks: acks.map(named), missing: living.filter((name) => !answered.has(name)) };
    } catch {
      return undefined;
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.setTimer(resolve, PAUSE_MS);
    });
  }
}

function named({ process, aborted }: KillAcknowledgement): KillReceipt["acks"][number] {
  return { process, aborted };
}

function quietly(run: () => unknown): void {
  try {
    const running = run();
    if (isPromise(running)) running.then(undefined, () => {});
  } catch {
    // Nobody waits for it.
  }
}
