import type { RehearsalResult } from "../rehearsal.ts";
import { chartOf, escaped } from "./chart.ts";
import { chartsOf } from "./over-time.ts";
import { endingsOf, figuresOf } from "./summary.ts";

/** The report of a rehearsal: one HTML file that needs nothing from anywhere. */
export function pageOf(result: RehearsalResult, command: string): string {
  const { plan, verdict, premises, evidence } = result;
  const whole = (count: number) => count.toLocaleString("en");
  const findings = verdict.findings.map(
    ({ what, figure, met, examples }) =>
      `<li class="${met ? "met" : "missed"}"><b>${whole(figure)}</b> ${escaped(what)}` +
      `${examples.length === 0 ? "" : `<ul>${examples.map((one) => `<li>${escaped(one)}</li>`).join("")}</ul>`}</li>`,
  );
  const { happened, took } = chartsOf(result);
  const answers = [...evidence.answers].toSorted(([, a], [, b]) => b - a);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Rehearsal: ${whole(plan.buyers)} buyers, ${whole(plan.capacity)} tickets</title><style>${STYLE}</style></head><body>
<header><h1>${whole(plan.buyers)} buyers for ${whole(plan.capacity)} ${plan.seats ? "numbered seats" : "tickets"}</h1>
<p><code>${escaped(command)}</code></p>
<p>${new Date(evidence.terms.opensAtMs).toISOString()} at ${escaped(premises)}; seed ${escaped(plan.seed)}, ${whole(plan.admitPerMinute)} called in a minute.</p></header>
<section class="verdict ${verdict.isWell ? "met" : "missed"}"><h2>${verdict.isWell ? "All as it has to be" : "Not as it has to be"}</h2><ul>${findings.join("")}</ul></section>
<section class="charts">${happened.map(chartOf).join("")}</section>
<section class="charts">${took.map(chartOf).join("")}</section>
<section class="tables">${tableOf("Figures", figuresOf(result))}
${tableOf("What became of the buyers", counted(endingsOf(result)))}
${tableOf("Answers", counted(answers))}</section>
<footer><p>Seconds count from the opening. Ranks, counts of tickets and the verdict are worked out anew from the log, the seeds that the room showed, and what buyers were told. A ticket is idle while nobody holds it and nobody who was called is going to ask for it, though people wait.</p></footer>
</body></html>
`;
}

const counted = (rows: readonly (readonly [string, number])[]): readonly (readonly [string, string])[] =>
  rows.map(([name, count]) => [name, count.toLocaleString("en")]);

const tableOf = (title: string, rows: readonly (readonly [string, string])[]): string =>
  `<div><h2>${escaped(title)}</h2><table>${rows
    .map(([name, value]) => `<tr><th>${escaped(name)}</th><td>${escaped(value)}</td></tr>`)
    .join("")}</table></div>`;

const STYLE = `
:root{color-scheme:light dark;--ink:#1d2530;--faint:#67717f;--paper:#fff;--edge:#dfe4ea;--a:#2f6fde;--b:#12945f;--c:#d97706;--d:#c62828}
@media(prefers-color-scheme:dark){:root{--ink:#e6eaf0;--faint:#9aa5b3;--paper:#14181e;--edge:#2c343e;--a:#6ea0ff;--b:#3cc58c;--c:#f5a742;--d:#ff7272}}
*{box-sizing:border-box}body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:1340px;margin:2rem auto;padding:0 1.2rem}
h1{margin:0;font-size:1.7rem}h2{font-size:1.05rem;margin:0 0 .5rem}header p{margin:.2rem 0;color:var(--faint)}code{font-size:.9em}
.verdict{border:1px solid var(--edge);border-left:6px solid var(--b);border-radius:8px;padding:1rem 1.2rem;margin:1.2rem 0}
.verdict.missed{border-left-color:var(--d)}.verdict>ul{list-style:none;margin:0;padding:0;columns:2 380px}
.verdict li{break-inside:avoid}.verdict li li{color:var(--faint);font-size:.9em}.met>b{color:var(--b)}.missed>b{color:var(--d)}
.verdict b{display:inline-block;min-width:2.2em;text-align:right;margin-right:.4em}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(290px,1fr));gap:1rem;margin-top:1rem}
figure{margin:0;border:1px solid var(--edge);border-radius:8px;padding:.8rem}figcaption small{color:var(--faint)}
svg{width:100%;height:auto;display:block}svg text{fill:var(--faint);font-size:15px}.grid{stroke:var(--edge)}.opening{stroke:var(--faint);stroke-dasharray:3 3}
.line{fill:none;stroke-width:1.8;stroke-linejoin:round}.line.a{stroke:var(--a)}.line.b{stroke:var(--b)}.line.c{stroke:var(--c)}.line.d{stroke:var(--d)}
.area{opacity:.14}.area.a{fill:var(--a)}.area.b{fill:var(--b)}.area.c{fill:var(--c)}.area.d{fill:var(--d)}
.legend{margin:.3rem 0 0;font-size:.86em;color:var(--faint)}.legend span{margin-right:1.2em}.legend i{display:inline-block;width:1.1em;height:3px;margin-right:.4em;vertical-align:middle}
.legend .a i{background:var(--a)}.legend .b i{background:var(--b)}.legend .c i{background:var(--c)}.legend .d i{background:var(--d)}
.tables{display:grid;grid-template-columns:repeat(auto-fit,minmax(340px,1fr));gap:1.5rem;margin:1.5rem 0}
table{border-collapse:collapse;width:100%}th{font-weight:400;text-align:left}td{text-align:right;font-variant-numeric:tabular-nums}th,td{border-bottom:1px solid var(--edge);padding:.25rem .3rem}
footer{color:var(--faint);font-size:.9em}`;
