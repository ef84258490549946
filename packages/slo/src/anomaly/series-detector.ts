/** Samples that the baseline is made of. */
const BASELINE = 256;
/** Fewer say nothing about what is usual. */
const MIN_BASELINE = 30;
/**
 * Newest samples, which are judged together and are not in the baseline that they are judged by.
 */
const RECENT = 5;
/** Baseline samples between two looks at their median. */
const REFRESH = 8;
/** Of a normal distribution: its standard deviation ÷ its median absolute deviation. */
const MAD_TO_SIGMA = 1.4826;
/** The same for what nine in ten of the absolute deviations stay below. */
const TENTH = 0.9;
const TENTH_TO_SIGMA = 1 / 1.6449;
/** How many standard deviations are unusual, for a baseline that is known perfectly. */
const UNUSUAL = 4;
const SEASONS = 24;
const SEASON_MS = 3_600_000;
/** Samples after which an hour of the day has a level of its own. */
const MIN_SEASON = 20;
/** Of the first of them the level is the exact median, so that one freak value does not set it. */
const EXACT_SEASON = 10;

/** How far a sample, or the mean of the last five, is from what is usual. */
export interface Deviation {
  readonly isAnomalous: boolean;
  /** In standard deviations of the baseline; positive when it is more than usual. */
  readonly score: number;
  /** What is usual at this hour, in the unit of the samples. */
  readonly usual: number;
}

/** What a detector needs to know of its samples. */
export interface DetectorOptions {
  /** Whether less than usual is an anomaly, too. */
  readonly bothWays: boolean;
  /** The least standard deviation of the logarithms, given what is usual. */
  readonly leastSigma: (usual: number) => number;
}

/**
 * Learns what is usual for one series and judges each sample before it learns from it: logarithms,
 * because costs and durations vary by factors; median and median absolute deviation, because one
 * freak value must not move them, though no less than what one value in ten exceeds; the hour of
 * the day taken out. Some 5 KB; constant time.
 * @see https://en.wikipedia.org/wiki/Median_absolute_deviation
 */
export class SeriesDetector {
  readonly #options: DetectorOptions;
  readonly #logs = new Float64Array(BASELINE);
  readonly #hours = new Uint8Array(BASELINE);
  readonly #levels = new Float64Array(SEASONS);
  readonly #seen = new Uint32Array(SEASONS);
  /** How much more or less is usual at each hour than over the day, as of the last refresh. */
  readonly #offsets = new Float64Array(SEASONS);
  #recent: { readonly log: number; readonly hour: number }[] = [];
  #count = 0;
  #median = 0;
  #sigma = 0;
  #isAnomalous = false;

  constructor(options: DetectorOptions) {
    this.#options = options;
  }

  /** Judges a value above 0 of an instant (epoch ms); undefined while too little is known. */
  observe(value: number, atMs: number): Deviation | undefined {
    const hour = Math.floor(atMs / SEASON_MS) % SEASONS;
    const sample = { log: Math.log(value), hour };
    this.#recent.push(sample);
    const deviation = this.#count < MIN_BASELINE ? undefined : this.#judge(sample);
    if (this.#recent.length >= RECENT) {
      const oldest = this.#recent.shift();
      if (oldest !== undefined) this.#learn(oldest.log, oldest.hour);
    }
    return deviation;
  }

  #judge({ log, hour }: { readonly log: number; readonly hour: number }): Deviation {
    const usualLog = this.#median + this.#offset(hour);
    const sigma = Math.max(this.#sigma, this.#options.leastSigma(Math.exp(usualLog)));
    const single = (log - usualLog) / sigma;
    const sum = this.#recent.reduce((all, one) => all + this.#residual(one.log, one.hour), 0);
    const length = this.#recent.length;
    const together = (sum / length / sigma) * Math.sqrt(length);
    const score = Math.abs(together) > Math.abs(single) ? together : single;
    const limit = this.#limit() * (this.#isAnomalous ? 0.5 : 1);
    const isFar = (one: number): boolean => (this.#options.bothWays ? Math.abs(one) : one) > limit;
    // While it lasts only the last five together tell: one usual sample does not end it.
    this.#isAnomalous = isFar(together) || (!this.#isAnomalous && isFar(single));
    return { isAnomalous: this.#isAnomalous, score, usual: Math.exp(usualLog) };
  }

  /** Wider while the baseline is short, because it may be off itself. */
  #limit(): number {
    return UNUSUAL * (1 + 2 / Math.sqrt(Math.min(this.#count, BASELINE)));
  }

  #residual(log: number, hour: number): number {
    return log - this.#offset(hour) - this.#median;
  }

  #offset(hour: number): number {
    return this.#offsets[hour] as number;
  }

  #learn(log: number, hour: number): void {
    const slot = this.#count % BASELINE;
    this.#logs[slot] = log;
    this.#hours[slot] = hour;
    this.#count++;
    this.#learnSeason(log, hour);
    if (this.#count % REFRESH === 0 || this.#count === MIN_BASELINE) this.#refresh();
  }

  /** A running median: a step towards each sample, smaller the more are known. */
  #learnSeason(log: number, hour: number): void {
    const seen = this.#seen[hour] as number;
    const level = this.#levels[hour] as number;
    const step = Math.max(this.#sigma, 0.1) * Math.max(2 / (seen + 1), 0.02);
    const isExact = seen < EXACT_SEASON;
    this.#levels[hour] = isExact ? this.#medianAt(hour) : level + Math.sign(log - level) * step;
    this.#seen[hour] = seen + 1;
  }

  /** Of the samples of an hour of the day in the baseline. */
  #medianAt(hour: number): number {
    const held = this.#logs.subarray(0, Math.min(this.#count, BASELINE));
    return medianOf(held.filter((_log, slot) => this.#hours[slot] === hour));
  }

  #refresh(): void {
    this.#refreshOffsets();
    const size = Math.min(this.#count, BASELINE);
    const values = new Float64Array(size);
    for (let index = 0; index < size; index++) {
      values[index] = (this.#logs[index] as number) - this.#offset(this.#hours[index] as number);
    }
    this.#median = medianOf(values);
    for (let index = 0; index < size; index++) {
      values[index] = Math.abs((values[index] as number) - this.#median);
    }
    const half = medianOf(values) * MAD_TO_SIGMA;
    // What is slow one time in five, as an answer that no cache has, is usual, too.
    const tenth = (values[Math.floor(size * TENTH)] ?? 0) * TENTH_TO_SIGMA;
    this.#sigma = Math.max(half, tenth);
  }

  /** Together with the median, which is of what they leave: one without the other misjudges. */
  #refreshOffsets(): void {
    let sum = 0;
    let known = 0;
    for (let hour = 0; hour < SEASONS; hour++) {
      if ((this.#seen[hour] as number) < MIN_SEASON) continue;
      sum += this.#levels[hour] as number;
      known++;
    }
    for (let hour = 0; hour < SEASONS; hour++) {
      const isKnown = (this.#seen[hour] as number) >= MIN_SEASON;
      this.#offsets[hour] = isKnown ? (this.#levels[hour] as number) - sum / known : 0;
    }
  }
}

/** Sorts them. */
function medianOf(values: Float64Array): number {
  values.sort();
  const middle = values.length >> 1;
  const upper = values[middle] ?? 0;
  return values.length % 2 === 1 ? upper : ((values[middle - 1] ?? 0) + upper) / 2;
}
