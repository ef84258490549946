import type { Permit } from "@burnrate/core";
import { cutReason, type MaybePromise } from "@burnrate/core/adapter";
import type { AdmittedCall } from "./admitted-call.ts";
import { HeldStream } from "./held-stream.ts";
import { failed } from "./model-call.ts";
import { read, readText } from "./shape.ts";
import { StreamedOutput } from "./streamed-output.ts";
import { StreamedUsage } from "./streamed-usage.ts";
import { settle, withUsage } from "./to-outcome.ts";
import { toUsageFromOutput } from "./to-usage.ts";
import { hasBlocks } from "./written.ts";

/** Characters of a token, for progress only; money is counted from what the provider reports. */
const CHARACTERS_PER_TOKEN = 4;

const METADATA = "response_metadata";

/** What a stream has shown so far. */
interface Meter {
  readonly usage: StreamedUsage;
  /** The newest part: the last one may say the usage where no usage belongs. */
  last: unknown;
  /** What evaluators will see; undefined when none looks. */
  readonly output: StreamedOutput | undefined;
  chunks: number;
  characters: number;
}

/**
 * Opens a call when its stream is first asked for a part, and passes it on, part by part. The call
 * ends on every path: finish, error, abort, kill, and a consumer that walks away. Nothing is
 * buffered, unless an evaluator wants text held back.
 */
export async function* passOn(
  admit: () => MaybePromise<AdmittedCall>,
  start: (call: AdmittedCall) => AsyncIterable<unknown>,
): AsyncGenerator<unknown, void, undefined> {
  const call = await admit();
  call.lone?.follow(call); // nobody need read it to its end
  const isWanted = call.permit.wantsOutput || call.lone?.task.wantsOutput === true;
  const output = isWanted ? new StreamedOutput() : undefined;
  const usage = new StreamedUsage();
  const meter: Meter = { usage, last: undefined, output, chunks: 0, characters: 0 };
  const held = heldStream(call, output);
  let open = true;
  try {
    call.permit.dispatched();
    for await (const part of start(call)) {
      const { permit } = call;
      throwIfCut(permit);
      const characters = observe(meter, part, permit);
      if (held === undefined) yield part;
      else yield* held.passOn(part, characters, permit);
    }
    throwIfCut(call.permit);
    open = false;
    await finish(call, meter);
    if (held !== undefined) yield* held.rest();
  } catch (error) {
    if (!open) {
      await call.lone?.fail(error); // an inline evaluator's verdict
      throw error;
    }
    open = false;
    const { permit, guardedInside, lone } = call;
    const answered = call.answered || meter.last !== undefined;
    throw await failed({ permit, guardedInside, answered, lone }, error);
  } finally {
    if (open) {
      await call.permit.fail(undefined, { abandoned: true, ...withUsage(usage.left(), undefined) });
      call.lone?.abandon();
    }
  }
}

/** Undefined where parts may pass as they come. */
function heldStream(
  { permit, tokens }: AdmittedCall,
  output: StreamedOutput | undefined,
): HeldStream | undefined {
  if (tokens === undefined || output === undefined) return undefined;
  return new HeldStream(permit.holdsBack?.characters ?? 0, tokens, output);
}

/** Some models end a stream silently when their signal fires. */
async function finish({ permit, lone }: AdmittedCall, meter: Meter): Promise<void> {
  const usage =
    meter.usage.ended() ?? toUsageFromOutput(read(read(meter.last, "message"), METADATA));
  const output = meter.output?.value();
  const isCut = permit.signal.aborted && usage === undefined;
  if (isCut) await permit.fail(permit.signal.reason);
  else await settle(permit, withUsage(usage, permit.wantsOutput ? output : undefined));
  if (lone !== undefined) await (isCut ? lone.fail(permit.signal.reason) : lone.end(output));
}

function throwIfCut(permit: Permit): void {
  const reason = cutReason(permit);
  if (reason !== undefined) throw reason;
}

/** Returns how many characters of text the part has, where somebody wants to know. */
function observe(meter: Meter, part: unknown, permit: Permit): number {
  meter.last = part;
  const message = read(part, "message");
  const characters = meter.output?.add(part) ?? 0;
  const text = textOf(part, message);
  meter.usage.see(part, message, text !== undefined || hasBlocks(message));
  if (text !== undefined) permit.progress({ outputTokens: count(meter, text) });
  return characters;
}

function textOf(part: unknown, message: unknown): string | undefined {
  const whole = readText(part, "text");
  if (whole !== undefined) return whole;
  const delta = read(part, "delta");
  const text =
    readText(delta, "text") ??
    readText(delta, "reasoning") ??
    readText(read(delta, "fields"), "args");
  if (text !== undefined) return text;
  const toolChunks = read(message, "tool_call_chunks");
  if (!Array.isArray(toolChunks) || toolChunks.length === 0) return undefined;
  return toolChunks.map((chunk) => readText(chunk, "args") ?? "").join("");
}

function count(meter: Meter, text: string): number {
  meter.chunks += 1;
  meter.characters += text.length;
  return Math.max(meter.chunks, Math.ceil(meter.characters / CHARACTERS_PER_TOKEN));
}
