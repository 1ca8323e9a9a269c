import type { DemoEvent } from "./demo-event.ts";

/** What `npm start` says when everything runs: where it is, and three things to try. */
export function welcome(address: string, demo: DemoEvent | null): string {
  return `
  Boxoffice is open: ${address}
  Documentation:     ${address}/docs
  To buy tickets:    ${address}/pages/events

${demo === null ? ownEvent(address) : demoSale(address, demo)}
  Ctrl-C ends it.

`;
}

const demoSale = (
  address: string,
  { eventId, ticketTypeId }: DemoEvent,
): string => `  Try it: somebody to be, two tickets held, and bought.

  TOKEN=$(curl -s -X POST ${address}/sessions/guest | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')

  HELD=$(curl -s -X POST ${address}/events/${eventId}/reservations \\
    -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \\
    -d '{"ticketTypeId":"${ticketTypeId}","quantity":2}' | sed 's/.*"reservationId":"\\([^"]*\\)".*/\\1/')

  curl -X POST ${address}/purchases -H "Authorization: Bearer $TOKEN" -H "Idempotency-Key: my-first-sale" \\
    -H "Content-Type: application/json" -d '{"reservationIds":["'$HELD'"],"payment":{"method":"sandbox-ok"}}'
`;

const ownEvent = (address: string): string => `  Try it:

  curl -X POST ${address}/accounts -H "Content-Type: application/json" \\
    -d '{"email":"me@example.com","password":"a long password","name":"Me"}'

  TOKEN=$(curl -s -X POST ${address}/sessions -H "Content-Type: application/json" \\
    -d '{"email":"me@example.com","password":"a long password"}' | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')

  curl -X POST ${address}/events -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \\
    -d '{"name":"Open Evening","totalSeats":200}'
`;
