import type { Script } from "./script.ts";
import { storeScript } from "./store-script.ts";

/** Acknowledgements of one kill are kept this long after the newest of them. */
const KEPT_MS = 600_000;

/** Lives until then by the server's clock, which all processes share. */
export const BEAT_SCRIPT: Script = storeScript(`
redis.call('ZADD', P .. 'fleet', whole(now + given.ttlMs), given.process)
return {}
`);

/** Ended in order. */
export const LEAVE_SCRIPT: Script = storeScript(`
redis.call('ZREM', P .. 'fleet', given.process)
return {}
`);

/** Forgets whoever was not heard of in time, and names the others. */
export const LIVING_SCRIPT: Script = storeScript(`
redis.call('ZREMRANGEBYSCORE', P .. 'fleet', '-inf', whole(now))
return redis.call('ZRANGE', P .. 'fleet', 0, -1)
`);

/** The first of each process counts. */
export const ACKNOWLEDGE_SCRIPT: Script = storeScript(`
local key = P .. 'acks:' .. given.kill
redis.call('HSETNX', key, given.process, whole(given.aborted))
redis.call('PEXPIRE', key, ${KEPT_MS})
return {}
`);

/** Processes and how many calls each has cut, one after the other. */
export const ACKNOWLEDGEMENTS_SCRIPT: Script = storeScript(`
return redis.call('HGETALL', P .. 'acks:' .. given.kill)
`);
