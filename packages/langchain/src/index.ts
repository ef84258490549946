export type { GuardCallback } from "./callback-handler.ts";
export { type GuardCallbackOptions, guardCallback } from "./guard-callback.ts";
export { type GuardMiddlewareOptions, guardMiddleware } from "./guard-middleware.ts";
export { type GuardModelOptions, guardModel } from "./guard-model.ts";
