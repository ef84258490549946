import type { Guard } from "@burnrate/core";
import { guardsAround, isBegun, withoutMark } from "./call-mark.ts";
import type { CheckedOptions } from "./check-options.ts";
import { isName } from "./mcp-client.ts";
import {
  answeredOutside,
  type Deliver,
  isResponse,
  type Message,
  type RequestId,
  requestId,
} from "./mcp-transport.ts";
import type { WireRequest } from "./open-request.ts";
import { createParked } from "./parked.ts";
import { isObject, type Loose, read } from "./shape.ts";
import { toInvocation, toRequest } from "./to-call.ts";
import { failure } from "./to-error.ts";
import { asksForTask, createdTask, isNextRound, needsInput, roundKey } from "./wire-answers.ts";
import { type Wire, WireCall } from "./wire-call.ts";
import { createWireTasks } from "./wire-tasks.ts";

/** The transport that is guarded, as far as the session needs it. */
export interface WireEnds {
  readonly transport: Loose;
  send(message: Message, options: unknown): Promise<void>;
  readonly deliver: Deliver;
}

/** What stands between a client and its transport. */
export interface WireSession {
  send(message: unknown, options: unknown): Promise<void>;
  receive(message: unknown, extra: unknown): void;
  /** The connection is gone, and with it whatever was open. */
  close(): void;
}

/** Follows every tool call of one connection from decision to end. */
export function createWireSession(
  guard: Guard,
  options: CheckedOptions,
  { transport, send, deliver }: WireEnds,
): WireSession {
  const calls = new Map<RequestId, WireCall>();
  const rounds = createParked<WireCall>();
  const greetings = new Set<RequestId>();
  let server = options.server;
  const hasGuardInside = guardsAround(transport).length > 0;
  const wire: Wire = {
    guard,
    options,
    send: hasGuardInside ? (message, given) => send(message, answeredOutside(given)) : send,
    deliver,
    cancelTask: (taskId) => tasks.cancel(taskId),
    forget(call) {
      if (calls.get(call.id) === call) calls.delete(call.id);
    },
  };
  const tasks = createWireTasks(wire);

  function sendCall(message: Message, sendOptions: unknown): Promise<void> {
    const given = message["params"];
    const params = isObject(given) ? withoutMark(given, transport) : given;
    const sent = { ...message, params };
    const id = requestId(message);
    if (id === undefined) return Promise.reject(new TypeError(NO_ID));
    if (isBegun(given, guard)) return send(sent, sendOptions);
    const request: WireRequest = { id, message: sent, options: sendOptions };
    const known = isNextRound(params) ? takeRound(params) : undefined;
    if (known !== undefined) {
      calls.set(id, known);
      return known.resume(request);
    }
    const stop = new AbortController();
    const call = new WireCall(wire, request, toRequest(server, params, stop.signal, options), stop);
    calls.set(id, call);
    return call.send();
  }

  function takeRound(params: unknown): WireCall | undefined {
    const key = roundKey(params, read(params, "requestState"));
    const call = rounds.get(key);
    if (call !== undefined) rounds.remove(key, call);
    return call?.hasEnded === true ? undefined : call;
  }

  function answerCall(call: WireCall, message: Message, extra: unknown): void {
    // A server that guesses ids, or that answers again while the first answer is judged.
    if (call.isUnsent || call.hasEnded) return;
    const result = message["result"];
    const params = call.params;
    const taskId = asksForTask(params) ? createdTask(result) : undefined;
    if (taskId !== undefined) {
      call.park(message, extra);
      tasks.add(taskId, call);
    } else if (needsInput(params, result)) {
      const key = roundKey(params, read(result, "requestState"));
      // Before the client hears of it, because it may go on at once.
      void rounds.add(key, call)?.abandon();
      call.park(message, extra);
    } else call.answer(message, extra);
  }

  /** What the server tells of a call before its end. */
  function hear(message: Message): void {
    const params = message["params"];
    if (message["method"] === "notifications/progress") {
      calls.get(read(params, "progressToken") as RequestId)?.keepAlive();
    }
    if (message["method"] === "notifications/tasks/status") tasks.hear(params);
  }

  function cancel(message: Message, sendOptions: unknown): Promise<void> {
    const id = read(message["params"], "requestId") as RequestId;
    tasks.forget(id);
    const wasSent = calls.get(id)?.cancel(read(message["params"], "reason")) ?? true;
    return wasSent ? send(message, sendOptions) : Promise.resolve();
  }

  function listen(message: Message): void {
    const id = message["id"] as RequestId;
    if (!greetings.delete(id) && !greetings.delete(Number(id))) return;
    const name = read(read(message["result"], "serverInfo"), "name");
    if (options.server === undefined && isName(name)) server = name;
  }

  return {
    send(given, sendOptions) {
      if (Array.isArray(given)) {
        return Promise.all(given.map((one) => this.send(one, sendOptions))).then(() => undefined);
      }
      let message: unknown;
      try {
        [message] = toInvocation("request", [given]).args;
        if (!isObject(message)) return send(given as Message, sendOptions);
        if (message["method"] === "tools/call") return sendCall(message, sendOptions);
      } catch (error) {
        return Promise.reject(error);
      }
      const id = requestId(message);
      if (id !== undefined && GREETINGS.has(message["method"])) greetings.add(id);
      if (message["method"] === "notifications/cancelled") {
        return cancel(message, sendOptions);
      }
      return tasks.send(message, sendOptions) ?? send(message, sendOptions);
    },
    receive(message, extra) {
      if (isResponse(message)) {
        const id = message["id"] as RequestId;
        // As the clients read it: a server may answer 7 with "7".
        const call = calls.get(id) ?? calls.get(Number(id));
        if (call !== undefined) return answerCall(call, message, extra);
        if (tasks.answer(message, extra)) return;
        if (greetings.size > 0) listen(message);
      } else if (isObject(message)) hear(message);
      deliver(message as Message, extra);
    },
    close() {
      const gone = failure({ code: "ECONNRESET" });
      for (const call of calls.values()) void call.fail(gone);
      for (const call of rounds.values()) void call.abandon();
      tasks.close(gone);
    },
  };
}

const GREETINGS: ReadonlySet<unknown> = new Set(["initialize", "server/discover"]);
const NO_ID = 'A "tools/call" without an id has no answer, and cannot be guarded.';
