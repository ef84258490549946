export type { GuardMiddleware } from "./agent-middleware.ts";
export type { GuardCallback } from "./callback-handler.ts";
export { type GuardCallbackOptions, guardCallback } from "./guard-callback.ts";
export { type GuardEmbeddingsOptions, guardEmbeddings } from "./guard-embeddings.ts";
export { type GuardEverywhereOptions, guardEverywhere } from "./guard-everywhere.ts";
export { type GuardMiddlewareOptions, guardMiddleware } from "./guard-middleware.ts";
export { type GuardModelOptions, guardModel } from "./guard-model.ts";
export { type GuardToolOptions, guardTool } from "./guard-tool.ts";
export type { SubstituteModels } from "./substitutes.ts";
