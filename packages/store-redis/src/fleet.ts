import type { Fleet } from "@burnrate/core";
import {
  ACKNOWLEDGE_SCRIPT,
  ACKNOWLEDGEMENTS_SCRIPT,
  BEAT_SCRIPT,
  LEAVE_SCRIPT,
  LIVING_SCRIPT,
} from "./script/fleet-scripts.ts";
import type { Session } from "./session.ts";
import { decodeText, encodeText } from "./text.ts";

/** Who lives, by the server's clock, and who has acknowledged which kill. */
export function createRedisFleet(session: Session): Fleet {
  return {
    beat: async (process, ttlMs) => {
      await session.evaluate(BEAT_SCRIPT, { process: encodeText(process), ttlMs });
    },
    leave: async (process) => {
      await session.evaluate(LEAVE_SCRIPT, { process: encodeText(process) });
    },
    living: async () => {
      const names = await session.evaluate(LIVING_SCRIPT, {});
      return names.map((name) => decodeText(String(name)));
    },
    acknowledge: async ({ killId, process, aborted }) => {
      const given = { kill: encodeText(killId), process: encodeText(process), aborted };
      await session.evaluate(ACKNOWLEDGE_SCRIPT, given);
    },
    acknowledgements: async (killId) => {
      const fields = await session.evaluate(ACKNOWLEDGEMENTS_SCRIPT, { kill: encodeText(killId) });
      return Array.from({ length: fields.length / 2 }, (_, index) => ({
        killId,
        process: decodeText(String(fields[2 * index])),
        aborted: Number(fields[2 * index + 1]),
      }));
    },
  };
}
