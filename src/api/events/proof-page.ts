import type { z } from "zod";
import { escaped, plainPage } from "../conventions/plain-page.ts";
import type { eventProof } from "./proof-routes.ts";

type Proof = z.input<typeof eventProof>;

/** A proof for people: the counts, the head, and how to check them. */
export function proofPage({ eventId, name, head, ticketTypes, check }: Proof): string {
  const rows = ticketTypes.map((one) =>
    row(
      "td",
      [one.name, one.total, one.booked, one.held, one.available, `${one.revision ?? "none"}`, one.hash ?? "none"].map(
        String,
      ),
    ),
  );
  const title = `Proof: ${name}`;
  const body = `<main><h1>${escaped(title)}</h1>
<p>Event <code>${escaped(eventId)}</code>. No more tickets are held and booked than there are: ${
    ticketTypes.every(({ available }) => available >= 0) ? "so it is" : "<strong>this does not hold</strong>"
  }.</p>
<table><caption>Tickets ${head === null ? "now" : `as of position ${head.position} of the log`}</caption>
<thead>${row("th", ["ticket type", "in all", "booked", "held", "available", "revision", "hash of the last event"])}</thead>
<tbody>${rows.join("")}</tbody></table>
${head === null ? "<p>No head of the log is signed yet.</p>" : signed(head)}
<h2>How to check it</h2><ol>${check.map((step) => `<li>${escaped(step)}</li>`).join("")}</ol>
</main>`;
  return plainPage({ title, widthRem: 60, style: STYLE, body });
}

const STYLE = `th,td{padding:.2rem .6rem;text-align:left}code,td:last-child{overflow-wrap:anywhere;font-family:monospace}
dt{font-weight:600}`;

function signed(head: NonNullable<Proof["head"]>): string {
  const said = Object.entries(head).map(
    ([name, value]) => `<dt>${name}</dt><dd><code>${escaped(String(value))}</code></dd>`,
  );
  return `<h2>The head of the whole log, signed</h2><dl>${said.join("")}</dl>`;
}

const row = (cell: "td" | "th", texts: readonly string[]): string =>
  `<tr>${texts.map((text) => `<${cell}${cell === "th" ? ' scope="col"' : ""}>${escaped(text)}</${cell}>`).join("")}</tr>`;
