import { createClient } from "redis";
import type { Counted } from "./rate-counts.ts";
import type { OpenLink } from "./shared-counts.ts";

const PREFIX = "boxoffice:rate:";
/** Commands under way at once; more of them means that Redis hangs. */
const MOST_UNDER_WAY = 10_000;

/** In one step, so that no count is left without an end: one more, and the milliseconds until the window's end. */
const COUNT = `
  local count = redis.call('INCR', KEYS[1])
  if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
  return {count, redis.call('PTTL', KEYS[1])}`;

/**
 * Counts in Redis, by the clock of Redis.
 * @param url e.g. `redis://host:6379`, or `rediss://` for TLS
 */
export const redisLinks =
  (url: string, windowMs: number): OpenLink =>
  async (onLost, signal) => {
    const client = createClient({
      url,
      RESP: 2,
      disableOfflineQueue: true,
      commandsQueueMaxLength: MOST_UNDER_WAY,
      maintNotifications: "disabled",
      socket: { reconnectStrategy: false }, // whoever opened it opens another one
    });
    client.on("error", onLost);
    const drop = () => {
      if (client.isOpen) client.destroy();
    };
    signal.addEventListener("abort", drop, { once: true });
    try {
      await client.connect();
      const script = await client.scriptLoad(COUNT);
      const count = async (key: string): Promise<Counted> => {
        const reply: unknown = await client.evalSha(script, { keys: [PREFIX + key], arguments: [String(windowMs)] });
        const [counted, endsInMs] = reply as [number, number];
        return { count: counted, endsInMs };
      };
      return { count, drop };
    } catch (error) {
      drop();
      throw error;
    }
  };
