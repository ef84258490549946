export type { IoRedisClient } from "./client/io-redis.ts";
export type { NodeRedisClient } from "./client/node-redis.ts";
export { type RedisStoreOptions, redisStore } from "./redis-store.ts";
