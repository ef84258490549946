import { DAY_MS } from "./civil-date.ts";

/** Instants beyond are no dates in JavaScript; the offset there is taken from the last one. */
const LAST_DATE_MS = 8_640_000_000_000_000;
/** Two changes of one zone's offset are never this close. */
const STEP_MS = 4 * 3_600_000;
const MAX_FORMATTERS = 64;
const OFFSET = /GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?$/;

const formatters = new Map<string, Intl.DateTimeFormat>();

/** The number of the local date at an instant; 1970-01-01 is day 0. */
export function zoneDayAt(timeZone: string, atMs: number): number {
  if (timeZone === "UTC") return Math.floor(atMs / DAY_MS);
  return Math.floor((atMs + offsetMs(timeZone, atMs)) / DAY_MS);
}

/**
 * The first instant (epoch ms) whose local date is this day or later. That is local midnight, where
 * there is one; the end of the gap where daylight saving skips midnight (or, as in Samoa in 2011,
 * the whole day); the earlier of two where the clock goes back over it.
 */
export function startOfZoneDay(timeZone: string, day: number): number {
  const midnightMs = day * DAY_MS;
  if (timeZone === "UTC") return midnightMs;
  // Offsets are less than a day, so the instant is within a day of the UTC midnight of that date.
  // Between two changes of the offset, local time runs evenly: look at one stretch after another.
  let fromMs = midnightMs - DAY_MS;
  let offset = offsetMs(timeZone, fromMs);
  while (fromMs < midnightMs + DAY_MS) {
    const untilMs = nextStretch(timeZone, fromMs, offset);
    const startMs = Math.max(fromMs, midnightMs - offset);
    if (startMs < untilMs) return startMs;
    fromMs = untilMs;
    offset = offsetMs(timeZone, fromMs);
  }
  return midnightMs - offset;
}

/** Up to where, at most one step on, the offset is certainly the one at `fromMs`. */
function nextStretch(timeZone: string, fromMs: number, offset: number): number {
  let low = fromMs;
  let high = fromMs + STEP_MS;
  if (offsetMs(timeZone, high) === offset) return high;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetMs(timeZone, middle) === offset) low = middle;
    else high = middle;
  }
  return high;
}

/**
 * What local time is ahead of UTC by, in ms; whole seconds, because old local mean times have them.
 */
function offsetMs(timeZone: string, atMs: number): number {
  const dateMs = Math.min(Math.max(atMs, -LAST_DATE_MS), LAST_DATE_MS);
  const [, sign, hours, minutes, seconds] = OFFSET.exec(formatter(timeZone).format(dateMs)) ?? [];
  const size = Number(hours ?? 0) * 3_600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0);
  return (sign === "-" ? -size : size) * 1_000;
}

function formatter(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known) return known;
  if (formatters.size >= MAX_FORMATTERS) {
    for (const oldest of formatters.keys()) {
      formatters.delete(oldest);
      break;
    }
  }
  const made = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
  formatters.set(timeZone, made);
  return made;
}
