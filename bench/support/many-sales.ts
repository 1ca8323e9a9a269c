import { query } from "./postgres-server.ts";

/** Over so many days, most of them in the first hours and each evening. */
const DAYS = 40;

/**
 * Puts sales of an event into the tables of the read model `analytics`, as its projector would have left them: lines, some
 * refunds, and the sums of both. Writing a million purchases into the log takes an hour; what is read is the same.
 */
export async function manySales(databaseUrl: string, eventId: string, sales: number): Promise<void> {
  const run = (statement: string, values: readonly unknown[] = []) => query(databaseUrl, statement, values);
  await run(
    `insert into readmodels.analytics_lines (booking_id, ordinal, event_id, ticket_type_id, organizer_id, reservation_id,
       opened_at, quantity, unit_price, amount, currency, outcome, ended_at, captured_at, tickets_cancelled)
     select gen_random_uuid(), 0, s.event_id, s.ticket_type_id, s.organizer_id, gen_random_uuid(), at, quantity, 4500,
       quantity * 4500, 'EUR', 'SOLD', at, at, case when n % 50 = 0 then 1 else 0 end
     from (
       select n, 1 + n % 2 as quantity, n % 4 as ordinal,
         date_trunc('day', now()) - interval '${DAYS} days'
           + make_interval(secs => ${DAYS} * 86400 * power((n * 7919 % $2)::float8 / $2, 2.2)) as at
       from generate_series(1, $2::bigint) n) g
     join readmodels.analytics_stock s on s.event_id = $1 and s.ordinal = g.ordinal`,
    [eventId, sales],
  );
  const slot = (time: string) => `date_bin('15 minutes', ${time}, timestamptz '2000-01-01 00:00:00Z')`;
  await run(
    `insert into readmodels.analytics_money (event_id, ticket_type_id, slot, currency, lines_sold, tickets_sold, gross,
       tickets_cancelled, refunds_asked, refunded)
     select event_id, ticket_type_id, ${slot("ended_at")}, currency, count(*), sum(quantity), sum(amount),
       sum(tickets_cancelled), sum(tickets_cancelled * unit_price), sum(tickets_cancelled * unit_price)
     from readmodels.analytics_lines where event_id = $1 group by 1, 2, 3, 4`,
    [eventId],
  );
  await run(
    `insert into readmodels.analytics_counts (event_id, ticket_type_id, slot, reservations_made, tickets_reserved,
       reservations_confirmed, tickets_confirmed, reservations_expired, tickets_expired, reservations_released, tickets_released,
       reservations_declined, tickets_declined)
     select event_id, ticket_type_id, slot, lines_sold * 8 / 5, tickets_sold * 8 / 5, lines_sold, tickets_sold,
       lines_sold * 2 / 5, tickets_sold * 2 / 5, lines_sold / 5, tickets_sold / 5, lines_sold / 20, tickets_sold / 20
     from readmodels.analytics_money where event_id = $1
     on conflict (event_id, ticket_type_id, slot) do nothing`,
    [eventId],
  );
  await run(
    `update readmodels.analytics_stock s set booked = m.tickets, held = 120
     from (select ticket_type_id, sum(tickets_sold - tickets_cancelled) as tickets
           from readmodels.analytics_money where event_id = $1 group by 1) m
     where s.event_id = $1 and s.ticket_type_id = m.ticket_type_id`,
    [eventId],
  );
  await run(
    `update readmodels.availability a set booked = s.booked, held = s.held
     from readmodels.analytics_stock s where a.event_id = $1 and a.ticket_type_id = s.ticket_type_id`,
    [eventId],
  );
  await run("analyze readmodels.analytics_lines_g1, readmodels.analytics_money_g1, readmodels.analytics_counts_g1");
}
