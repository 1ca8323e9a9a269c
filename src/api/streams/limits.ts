export interface StreamLimits {
  /** At once, of all topics together. */
  readonly listeners: number;
  /** Of those, from one address: many people may share one, but nobody takes all places. */
  readonly ofOneAddress: number;
  /** Versions of one topic are at least so far apart: what changes faster merges. */
  readonly gapMs: number;
  readonly heartbeatMs: number;
  /** A listener that takes nothing for so long is cut. */
  readonly stuckMs: number;
  /** A listener is let go after so long, or up to a tenth more, and may come back: who may listen is asked anew. */
  readonly lifeMs: number;
  /** When the newest can't be had, it is tried again after this. */
  readonly againMs: number;
}

export const STREAM_LIMITS: StreamLimits = {
  listeners: 12_000,
  ofOneAddress: 1_000,
  gapMs: 100,
  heartbeatMs: 15_000,
  stuckMs: 30_000,
  lifeMs: 1_800_000,
  againMs: 1_000,
};

/**
 * Whoever may ask for more a minute may listen as often, and where rates are not limited, places are not either.
 * @param requestsPerMinute 0: no limit
 */
export const streamPlaces = (requestsPerMinute: number): Pick<StreamLimits, "ofOneAddress"> => ({
  ofOneAddress:
    requestsPerMinute === 0 ? STREAM_LIMITS.listeners : Math.max(STREAM_LIMITS.ofOneAddress, requestsPerMinute),
});
