export { guardMiddleware } from "./guard-middleware.ts";
export { guardModel } from "./guard-model.ts";
export { type GuardToolsOptions, guardTools } from "./guard-tools.ts";
export type { GuardModelOptions } from "./model-hook.ts";
