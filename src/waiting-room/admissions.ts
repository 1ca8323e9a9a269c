import type { Pool } from "pg";
import type { GivenAdmission } from "../domain/inventory-commands.ts";
import { ADMISSION_MS } from "../domain/waiting-room/calls.ts";
import type { Clock } from "../ports.ts";
import type { LiveRooms } from "./live-rooms.ts";
import { type Admission, admissionIdOf, type RoomTokens } from "./tokens.ts";

/** What a request has to get into a room with: see {@link Admissions.given}. */
export type Admitted =
  | { readonly admission: Admission; readonly given: GivenAdmission }
  | { readonly admission: null; readonly given: GivenAdmission };

export interface AdmissionsOptions {
  readonly pool: Pool;
  readonly rooms: Pick<LiveRooms, "get">;
  readonly tokens: Pick<RoomTokens, "readAdmission">;
  readonly clock: Clock;
  /** Whether an inventory has an admission on record as used. */
  readonly isUsedIn: (eventId: string, ticketTypeId: string, admissionId: string) => Promise<boolean>;
}

/** Somebody's attempt with an admission is still under way: it is not known yet whether it is used. */
export class AdmissionInUse extends Error {
  override readonly name = "AdmissionInUse";
}

/** An attempt that says nothing for so long has died with its process. */
const ATTEMPT_MS = 30_000;

/**
 * An admission makes one reservation, of whichever ticket type. The inventory that gives tickets for it has it on record
 * and refuses it from then on; a row for each account that came in keeps it from being used at another inventory of the
 * event, and entries that were made before from making a second one.
 */
export class Admissions {
  readonly #options: AdmissionsOptions;

  constructor(options: AdmissionsOptions) {
    this.#options = options;
  }

  /** What a caller has to show for an event; null: nothing is asked for, because no waiting room is set up. */
  given(eventId: string, accountId: string, token: string | undefined): Admitted | null {
    const room = this.#options.rooms.get(eventId);
    if (room === undefined) return null;
    if (token === undefined) return refused("admission-required");
    const admission = this.#options.tokens.readAdmission(token);
    const isTheirs = admission?.eventId === eventId && admission.accountId === accountId;
    if (admission === null || !isTheirs || admission.round !== room.round) return refused("admission-invalid");
    if (admission.expiresAtMs <= this.#options.clock.nowMs()) return refused("admission-expired");
    return { admission, given: { admissionId: admissionIdOf(admission), expiresAtMs: admission.expiresAtMs } };
  }

  /**
   * What a caller has to show to wait for tickets that come back; null: nothing. Once all are sold, those in the line are
   * told so, and everybody may.
   */
  givenToWait(eventId: string, accountId: string, token: string | undefined): GivenAdmission | null {
    if (this.#options.rooms.get(eventId)?.tickets === "SOLD_OUT") return null;
    return this.given(eventId, accountId, token)?.given ?? null;
  }

  /**
   * Does with an admission what may make a reservation of it. Whatever is refused leaves it as good as before.
   * @throws AdmissionInUse
   */
  async using<Outcome extends { readonly accepted: boolean; readonly code?: string }>(
    { admission, given }: Admitted,
    ticketTypeId: string,
    attempt: (given: GivenAdmission) => Promise<Outcome>,
  ): Promise<Outcome> {
    if (admission === null) return attempt(given);
    if (!(await this.#claim(admission, ticketTypeId))) return attempt({ refusal: "admission-used" });
    const outcome = await attempt(given);
    if (outcome.accepted) await this.#settle(admission, ticketTypeId);
    else if (outcome.code !== "admission-used") await this.#giveUp(admission, ticketTypeId);
    return outcome;
  }

  /** Takes the admission for a ticket type; again: true. @returns whether it may be tried there */
  async #claim(admission: Admission, ticketTypeId: string): Promise<boolean> {
    const { pool, clock, isUsedIn } = this.#options;
    const { eventId, accountId, enteredAtMs } = admission;
    const id = admissionIdOf(admission);
    const nowMs = clock.nowMs();
    const { rowCount } = await pool.query({
      name: "waiting_room_claim",
      text: `insert into processes.waiting_room_admissions as a
               (event_id, account_id, admission_id, ticket_type_id, claimed_at_ms, expires_at_ms, used)
             values ($1, $2, $3, $4, $5, $6, false)
             on conflict (event_id, account_id) do update set admission_id = excluded.admission_id,
               ticket_type_id = excluded.ticket_type_id, claimed_at_ms = excluded.claimed_at_ms,
               expires_at_ms = excluded.expires_at_ms, used = a.used and a.admission_id = excluded.admission_id
             where (a.admission_id = excluded.admission_id and a.ticket_type_id = excluded.ticket_type_id)
               or (a.used and a.claimed_at_ms <= $7)`,
      values: [eventId, accountId, id, ticketTypeId, nowMs, admission.expiresAtMs, enteredAtMs],
    });
    if (rowCount === 1) return true;
    const { rows } = await pool.query<{ id: string; type: string; claimedAtMs: number; used: boolean }>({
      name: "waiting_room_claimed",
      text: `select admission_id as id, ticket_type_id as type, claimed_at_ms as "claimedAtMs", used
             from processes.waiting_room_admissions where event_id = $1 and account_id = $2`,
      values: [eventId, accountId],
    });
    const [other] = rows;
    if (other === undefined) throw new AdmissionInUse("the admission is being tried elsewhere");
    if (other.used) return false;
    if (nowMs < other.claimedAtMs + ATTEMPT_MS) throw new AdmissionInUse("the admission is being tried elsewhere");
    // Whoever tried is gone. What became of it, the inventory knows.
    if (await isUsedIn(eventId, other.type, other.id)) {
      await this.#mark(eventId, accountId, other.id);
      return false;
    }
    const taken = await pool.query(
      `update processes.waiting_room_admissions
       set admission_id = $3, ticket_type_id = $4, claimed_at_ms = $5, expires_at_ms = $6
       where event_id = $1 and account_id = $2 and not used and claimed_at_ms = $7`,
      [eventId, accountId, id, ticketTypeId, nowMs, admission.expiresAtMs, other.claimedAtMs],
    );
    if (taken.rowCount === 0) throw new AdmissionInUse("the admission is being tried elsewhere");
    return true;
  }

  async #settle(admission: Admission, ticketTypeId: string): Promise<void> {
    const { eventId, accountId, expiresAtMs } = admission;
    await this.#options.pool.query({
      name: "waiting_room_settle",
      text: `insert into processes.waiting_room_admissions as a
               (event_id, account_id, admission_id, ticket_type_id, claimed_at_ms, expires_at_ms, used)
             values ($1, $2, $3, $4, $5, $6, true)
             on conflict (event_id, account_id) do update set used = true where a.admission_id = excluded.admission_id`,
      values: [
        eventId,
        accountId,
        admissionIdOf(admission),
        ticketTypeId,
        this.#options.clock.nowMs(),
        Math.min(expiresAtMs, this.#options.clock.nowMs() + ADMISSION_MS),
      ],
    });
  }

  #mark(eventId: string, accountId: string, admissionId: string): Promise<unknown> {
    return this.#options.pool.query(
      `update processes.waiting_room_admissions set used = true
       where event_id = $1 and account_id = $2 and admission_id = $3`,
      [eventId, accountId, admissionId],
    );
  }

  async #giveUp(admission: Admission, ticketTypeId: string): Promise<void> {
    await this.#options.pool.query({
      name: "waiting_room_give_up",
      text: `delete from processes.waiting_room_admissions
             where event_id = $1 and account_id = $2 and admission_id = $3 and ticket_type_id = $4 and not used`,
      values: [admission.eventId, admission.accountId, admissionIdOf(admission), ticketTypeId],
    });
  }
}

const refused = (refusal: Extract<GivenAdmission, { refusal: string }>["refusal"]): Admitted => ({
  admission: null,
  given: { refusal },
});
