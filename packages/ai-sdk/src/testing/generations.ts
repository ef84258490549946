import * as compatible3 from "@ai-sdk/openai-compatible";
import type { FakeProvider } from "@burnrate/core/testing";
import * as ai7 from "ai";
import * as ai5 from "ai-5";
import * as ai5Oldest from "ai-5-oldest";
import * as ai6 from "ai-6";
import * as ai6Oldest from "ai-6-oldest";
import * as ai7Oldest from "ai-7-oldest";
import * as compatible1 from "openai-compatible-1";
import * as compatible2 from "openai-compatible-2";
import type { ModelObject } from "../sdk-types.ts";

/** One request, as every version of `ai` takes it. */
export interface Settings {
  readonly model: unknown;
  readonly prompt: string;
  readonly maxRetries?: number;
  readonly abortSignal?: AbortSignal;
  readonly maxOutputTokens?: number;
  readonly tools?: object;
  readonly onError?: (event: { error: unknown }) => void;
}

/** One part of a stream, as every version has it. */
export interface Part {
  readonly type: string;
  readonly text?: string;
  readonly error?: unknown;
}

/** What the tests use of each version of `ai`. */
export interface Sdk {
  generateText(settings: Settings): Promise<{ readonly text: string }>;
  streamText(settings: Settings): { readonly fullStream: AsyncIterable<Part> };
  generateObject(settings: object): Promise<{ readonly object: unknown }>;
  streamObject(settings: object): {
    readonly object: PromiseLike<unknown>;
    readonly partialObjectStream: AsyncIterable<unknown>;
  };
  embed(settings: object): Promise<{ readonly embedding: readonly number[] }>;
  embedMany(settings: object): Promise<{ readonly embeddings: readonly unknown[] }>;
  wrapLanguageModel(settings: {
    readonly model: unknown;
    readonly middleware: object;
  }): ModelObject;
  tool<T extends object>(tool: T): T;
  createProviderRegistry(providers: object): { languageModel(id: string): ModelObject };
}

/** A provider of the generation that fits. */
export interface Compatible {
  (modelId: string): ModelObject;
  languageModel(modelId: string): ModelObject;
  textEmbeddingModel(modelId: string): ModelObject;
}

/** One version of `ai` with a provider of its generation. */
export interface Generation {
  readonly version: string;
  readonly major: 5 | 6 | 7;
  readonly sdk: Sdk;
  provider(fake: FakeProvider): Compatible;
}

type Create = (settings: object) => unknown;

function generation(version: string, major: 5 | 6 | 7, sdk: unknown, create: unknown): Generation {
  return {
    version,
    major,
    sdk: sdk as Sdk,
    provider: ({ url }) =>
      (create as Create)({
        name: "openai",
        baseURL: url,
        apiKey: "none",
        includeUsage: true,
      }) as Compatible,
  };
}

/** Oldest and newest of each major version that the package supports. */
export const GENERATIONS: readonly Generation[] = [
  generation("5.0.0", 5, ai5Oldest, compatible1.createOpenAICompatible),
  generation("5 (newest)", 5, ai5, compatible1.createOpenAICompatible),
  generation("6.0.0", 6, ai6Oldest, compatible2.createOpenAICompatible),
  generation("6 (newest)", 6, ai6, compatible2.createOpenAICompatible),
  generation("7.0.0", 7, ai7Oldest, compatible3.createOpenAICompatible),
  generation("7 (newest)", 7, ai7, compatible3.createOpenAICompatible),
];
