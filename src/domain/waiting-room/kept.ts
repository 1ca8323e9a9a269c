/** How long a ticket is kept for somebody who was called and has not asked for his admission. */
export const COMES_WITHIN_MS = 30_000;
/** How long it is kept, from the call, for somebody who has; after that he may still reserve, and finds what is left. */
export const KEPT_MS = 2 * 60_000;

/** What is known of those who were called in the last {@link KEPT_MS}. */
export interface CalledLately {
  /** Called in the last {@link COMES_WITHIN_MS}, and of these: reserved with it. */
  readonly called: number;
  readonly calledAndUsed: number;
  /** Called before that, and asked for their admission; of these: reserved with it. */
  readonly came: number;
  readonly cameAndUsed: number;
}

/**
 * For how many people tickets are kept. Who never comes would else keep one from others for as long as his admission
 * stands, though nobody will ever take it.
 */
export const keptFor = ({ called, calledAndUsed, came, cameAndUsed }: CalledLately): number =>
  Math.max(0, called - calledAndUsed) + Math.max(0, came - cameAndUsed);
