import { randomBytes } from "node:crypto";

/** Values and characters beyond which arguments are not compared. */
const MAX_VALUES = 1_000;
const MAX_CHARACTERS = 16_384;
const MAX_DEPTH = 32;
/** Of a bigint: as many as the characters have that spell it. */
const MAX_BITS = 4 * MAX_CHARACTERS;

const TAGS = {
  text: 1,
  number: 2,
  true: 3,
  false: 4,
  null: 5,
  array: 6,
  object: 7,
  big: 8,
} as const;

/** Thrown to end a walk; made once, so that it costs no stack. */
const INCOMPARABLE = new Error("incomparable");

/**
 * A number for a tool and its arguments that is the same for the same arguments in any order of
 * their keys, and different for others but for chance (2^-53). Its key is this digest's own, so the
 * numbers mean nothing elsewhere. The hash is no cryptographic one: whoever makes two calls look
 * alike only gets them counted as one.
 */
export class ArgumentDigest {
  readonly #seedA = randomBytes(4).readInt32LE();
  readonly #seedB = randomBytes(4).readInt32LE();
  readonly #float = new Float64Array(1);
  readonly #words = new Int32Array(this.#float.buffer);
  #a = 0;
  #b = 0;
  #values = 0;
  #characters = 0;

  /**
   * Undefined for what cannot be compared: more than 1,000 values or 16,384 characters, nested
   * deeper than 32, no plain data, or throwing when it is read. Never throws.
   */
  of(server: string | undefined, tool: string, input: unknown): number | undefined {
    this.#values = 0;
    this.#characters = 0;
    this.#a = this.#seedA;
    this.#b = this.#seedB;
    try {
      this.#text(server ?? "");
      this.#text(tool);
      this.#value(input, 0);
    } catch {
      return undefined; // INCOMPARABLE, or a getter or Proxy that throws
    }
    return (mixed(this.#a) >>> 0) * 2 ** 21 + (mixed(this.#b) >>> 11);
  }

  #value(value: unknown, depth: number): void {
    if (++this.#values > MAX_VALUES || depth > MAX_DEPTH) throw INCOMPARABLE;
    if (typeof value === "string") this.#text(value);
    else if (value === null || value === undefined) this.#word(TAGS.null);
    else if (typeof value !== "object") this.#scalar(value);
    else if (Array.isArray(value)) this.#array(value, depth);
    else this.#object(value, depth);
  }

  #scalar(value: unknown): void {
    if (typeof value === "number") this.#number(value);
    else if (typeof value === "boolean") this.#word(value ? TAGS.true : TAGS.false);
    else if (typeof value === "bigint") {
      if (BigInt.asIntN(MAX_BITS, value) !== value) throw INCOMPARABLE;
      this.#word(TAGS.big);
      this.#text(value.toString(16));
    } else throw INCOMPARABLE; // functions and symbols are no arguments
  }

  #array(array: readonly unknown[], depth: number): void {
    if (array.length > MAX_VALUES) throw INCOMPARABLE;
    this.#word(TAGS.array);
    this.#word(array.length);
    for (let index = 0; index < array.length; index++) this.#value(array[index], depth + 1);
  }

  /** Each property by itself, then their sums: the order of keys makes no difference. */
  #object(object: object, depth: number): void {
    if (!isPlain(object)) throw INCOMPARABLE;
    const a = this.#a;
    const b = this.#b;
    let sumA = 0;
    let sumB = 0;
    const keys = Object.keys(object);
    if (keys.length > MAX_VALUES) throw INCOMPARABLE;
    for (const key of keys) {
      const value = (object as Record<string, unknown>)[key];
      if (value === undefined) continue;
      this.#a = this.#seedA;
      this.#b = this.#seedB;
      this.#text(key);
      this.#value(value, depth + 1);
      sumA = (sumA + mixed(this.#a)) | 0;
      sumB = (sumB + mixed(this.#b)) | 0;
    }
    this.#a = a;
    this.#b = b;
    this.#word(TAGS.object);
    this.#word(sumA);
    this.#word(sumB);
  }

  #text(text: string): void {
    this.#characters += text.length;
    if (this.#characters > MAX_CHARACTERS) throw INCOMPARABLE;
    this.#word(TAGS.text);
    this.#word(text.length);
    let a = this.#a;
    let b = this.#b;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      a = Math.imul(a ^ code, 0x01000193);
      b = Math.imul(b ^ code, 0x5bd1e995) ^ (b >>> 15);
    }
    this.#a = a;
    this.#b = b;
  }

  #number(value: number): void {
    this.#float[0] = value === 0 ? 0 : value; // -0 is 0
    this.#word(TAGS.number);
    this.#word(this.#words[0] as number);
    this.#word(this.#words[1] as number);
  }

  #word(word: number): void {
    this.#a = mixed(this.#a ^ word);
    this.#b = Math.imul(this.#b ^ word, 0x5bd1e995) ^ (this.#b >>> 13);
  }
}

/**
 * Spreads every bit over all others. @see https://github.com/aappleby/smhasher (MurmurHash3 fmix32)
 */
function mixed(word: number): number {
  let h = word;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

function isPlain(object: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(object);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
