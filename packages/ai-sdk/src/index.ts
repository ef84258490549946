export {
  type EmbeddingMiddleware,
  guardEmbeddingMiddleware,
} from "./guard-embedding-middleware.ts";
export { guardImageMiddleware, type ImageMiddleware } from "./guard-image-middleware.ts";
export { guardMiddleware, type LanguageMiddleware } from "./guard-middleware.ts";
export { guardModel } from "./guard-model.ts";
export { guardProvider } from "./guard-provider.ts";
export {
  type GuardTelemetry,
  type GuardTelemetryOptions,
  guardTelemetry,
} from "./guard-telemetry.ts";
export { type GuardToolsOptions, guardTools } from "./guard-tools.ts";
export type { GuardModelOptions } from "./model-hook.ts";
export type { ModelObject } from "./sdk-types.ts";
