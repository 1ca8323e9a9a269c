import { createHmac } from "node:crypto";
import type { KnownRoom } from "../domain/waiting-room.ts";
import type { PriorityClass } from "../domain/waiting-room-events.ts";

/** Codes that let people into priority classes. They are on record as keyed hashes only. */
export interface PriorityCodes {
  classOf(eventId: string, name: string, share: number, code: string | undefined): PriorityClass;
  /** 0: of no class, the rest by their places from 1 on; null: there is no such class, or the code is not its. */
  classIndexFor(
    known: KnownRoom,
    eventId: string,
    wish: { readonly class?: string | undefined; readonly code?: string | undefined },
  ): number | null;
}

export function priorityCodesBy(secret: Buffer): PriorityCodes {
  const hashOf = (eventId: string, code: string): string =>
    createHmac("sha256", secret).update(`priority-code/${eventId}/${code}`).digest("base64url");
  return {
    classOf: (eventId, name, share, code) => ({
      name,
      share,
      codeHash: code === undefined ? null : hashOf(eventId, code),
    }),
    classIndexFor({ terms: { classes } }, eventId, { class: name, code }) {
      if (name === undefined) {
        if (code === undefined) return 0;
        const hash = hashOf(eventId, code);
        const index = classes.findIndex(({ codeHash }) => codeHash === hash);
        return index < 0 ? null : index + 1;
      }
      const index = classes.findIndex((one) => one.name === name);
      if (index < 0) return null;
      const codeHash = classes[index]?.codeHash ?? null;
      const isLetIn = codeHash === null || (code !== undefined && hashOf(eventId, code) === codeHash);
      return isLetIn ? index + 1 : null;
    },
  };
}
