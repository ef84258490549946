import { seeded } from "../../test-fixture.ts";

/** Events of one minute. */
export interface Minute {
  readonly total: number;
  readonly bad: number;
}

const DAY = 1_440;
/** Calls a minute. Below one, most minutes have none. */
const LEVELS = [0.05, 0.3, 1, 3, 50, 400] as const;

/**
 * Traffic that is sparse or busy, with days and nights, and with bursts of errors; the same for a
 * seed.
 */
export function traffic(seed: number, minutes: number, budget: number): Minute[] {
  const random = seeded(seed);
  const level = LEVELS[Math.floor(random() * LEVELS.length)] as number;
  const isDiurnal = random() < 0.5;
  const quietShare = Math.min(0.5, budget * (0.3 + random()));
  const made: Minute[] = [];
  let burstLeft = 0;
  let burstShare = 0;
  for (let minute = 0; minute < minutes; minute++) {
    if (burstLeft-- <= 0 && random() < 0.006) {
      burstLeft = 5 + Math.floor(random() * 90);
      burstShare = random() < 0.3 ? 1 : Math.min(1, budget * 40 * random() ** 2 + random() * 0.2);
    }
    const wanted = level * (isDiurnal ? daylight(minute) : 1) * (0.5 + random());
    made.push(draw(wanted, burstLeft > 0 ? burstShare : quietShare, random));
  }
  return made;
}

function daylight(minute: number): number {
  return Math.max(0.02, Math.sin((2 * Math.PI * minute) / DAY));
}

/** So many events on average, of which each is bad with this probability. */
function draw(wanted: number, share: number, random: () => number): Minute {
  const total = Math.floor(wanted) + (random() < wanted % 1 ? 1 : 0);
  let bad = 0;
  for (let call = 0; call < total; call++) if (random() < share) bad++;
  return { total, bad };
}
