import type { Guard } from "../../guard/guard.ts";
import type { FakeProvider } from "../fake-provider/fake-provider.ts";

/** Registers one case: `test` of Vitest or of `node:test`. */
export type RegisterTest = (name: string, fn: () => Promise<void>) => void;

/** One model call as the contract asks for it. */
export interface ModelCall {
  readonly prompt: string;
  /** The application's own signal; hand it to the framework as its users would. */
  readonly signal?: AbortSignal;
  /** When absent, the request must go out without a limit of the driver's own. */
  readonly maxOutputTokens?: number;
}

/**
 * One guarded model of a real framework. Every error must reach the caller: where the framework
 * hides one (an error part, a callback), the driver throws it as the framework shows it.
 */
export interface ModelDriver {
  /** One request without a stream. */
  generate(call: ModelCall): Promise<{ readonly text: string }>;
  /**
   * One streamed request, as pieces of text. Leaving the loop early does whatever the framework
   * does when its consumer walks away.
   */
  stream?(call: ModelCall): Promise<AsyncIterable<string>> | AsyncIterable<string>;
  close?(): Promise<void> | void;
}

/** What a model adapter is tried against. */
export interface ModelSetup {
  /** Send everything to `provider.url`, model `gpt-5-mini`. Its books are the truth. */
  readonly provider: FakeProvider;
  readonly guard: Guard;
}

/** Options of `adapterContract` for hooks on models. */
export interface ModelContractOptions {
  readonly test: RegisterTest;
  readonly kind: "model";
  /** Makes a guarded model that never retries. Called once a case. */
  create(setup: ModelSetup): ModelDriver | Promise<ModelDriver>;
  /** Whether the driver has `stream` (default true). */
  readonly streams?: boolean;
  /** Whether the hook can send an output limit (default true). */
  readonly limitsOutput?: boolean;
  /** Whether the hook can cut what is in flight, answer or stream (default true). */
  readonly abortsCalls?: boolean;
  /**
   * Whether the caller's signal reaches the hook (default true). If not, a stream that the caller
   * aborts is one that was left: charged, and ended by the sweeper.
   */
  readonly seesAborts?: boolean;
}

/** One guarded tool of a real framework. */
export interface ToolDriver {
  /**
   * Calls the tool once; resolves to what the framework gives. A refusal must reject, or resolve to
   * something in which `findGuardError` finds it.
   */
  call(
    args: { readonly text: string },
    options?: { readonly signal?: AbortSignal },
  ): Promise<unknown>;
  close?(): Promise<void> | void;
}

/** What a tool adapter is tried against. */
export interface ToolSetup {
  readonly guard: Guard;
  /** What the tool does; the contract counts how often it runs. */
  readonly execute: (args: { readonly text: string }) => Promise<string>;
}

/** Options of `adapterContract` for hooks on tools. */
export interface ToolContractOptions {
  readonly test: RegisterTest;
  readonly kind: "tool";
  /** Makes a guarded tool named `echo` that takes `{ text: string }`. Called once a case. */
  create(setup: ToolSetup): ToolDriver | Promise<ToolDriver>;
}

/** Describes one adapter to `adapterContract`. */
export type AdapterContractOptions = ModelContractOptions | ToolContractOptions;
