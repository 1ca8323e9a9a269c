import type { AccountMails, Reset } from "../accounts/account-mails.ts";
import { RESET_MINUTES } from "../accounts/password-resets.ts";
import type { Clock } from "../ports.ts";
import type { Notice, PlannedNotice } from "./notice.ts";
import { forgetNotices, putNotices } from "./outbox.ts";
import { messageIdOf } from "./planning.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** That somebody changed the password is news for as long as other news. */
const CHANGED_STALE_MS = 7 * DAY_MS;

/** Mails about accounts by way of the outbox. No event stands behind them: their rows are all there is. */
export function accountMails(clock: Clock): AccountMails {
  const planned = (notice: Notice, { resetId, accountId }: Reset, forMs: number): PlannedNotice => {
    const nowMs = clock.nowMs();
    return {
      ...notice,
      messageId: messageIdOf(notice.kind, resetId),
      accountId,
      position: null,
      dueAt: new Date(nowMs).toISOString(),
      until: new Date(nowMs + forMs).toISOString(),
    };
  };
  return {
    passwordReset(client, reset) {
      const notice = { kind: "password-reset", about: { resetId: reset.resetId } } as const;
      return putNotices(client, [planned(notice, reset, RESET_MINUTES * MINUTE_MS)]);
    },
    passwordChanged(client, reset) {
      const notice = { kind: "password-changed", about: { at: new Date(clock.nowMs()).toISOString() } } as const;
      return putNotices(client, [planned(notice, reset, CHANGED_STALE_MS)]);
    },
    forget: (client, accountId) => forgetNotices(client, accountId),
  };
}
