import { Counter, Gauge, type Registry } from "prom-client";
import type { RunnerFigures } from "../commands/command-runner.ts";

/** By kind of aggregate, e.g. `inventory`. */
export type FiguresOfRunners = () => Readonly<Record<string, RunnerFigures>>;

/** What mailboxes have to do, and how well commands gather in batches; asked for when somebody looks. */
export function commandMetrics(register: Registry, figures: FiguresOfRunners): void {
  const registers = [register];
  new Gauge({
    name: "boxoffice_mailbox_waiting_commands",
    help: "Commands that wait in mailboxes",
    labelNames: ["aggregate", "lane"],
    registers,
    collect() {
      for (const [aggregate, { waitingInLanes }] of Object.entries(figures())) {
        for (const [lane, waiting] of Object.entries(waitingInLanes)) this.set({ aggregate, lane }, waiting);
      }
    },
  });
  new Gauge({
    name: "boxoffice_mailbox_deepest",
    help: "Commands that wait in the mailbox of the busiest stream",
    labelNames: ["aggregate"],
    registers,
    collect() {
      for (const [aggregate, { deepest }] of Object.entries(figures())) this.set({ aggregate }, deepest);
    },
  });
  new Gauge({
    name: "boxoffice_mailbox_busy_streams",
    help: "Streams that have commands waiting or under way",
    labelNames: ["aggregate"],
    registers,
    collect() {
      for (const [aggregate, { busyStreams }] of Object.entries(figures())) this.set({ aggregate }, busyStreams);
    },
  });
  const totals = [
    ["boxoffice_commands_total", "Commands that were run", "commands"],
    [
      "boxoffice_batches_total",
      "Batches that were decided, also those that recorded nothing; commands a batch is one by the other",
      "batches",
    ],
  ] as const;
  for (const [name, help, figure] of totals) {
    new Counter({
      name,
      help,
      labelNames: ["aggregate"],
      registers,
      collect() {
        this.reset(); // the runners count
        for (const [aggregate, one] of Object.entries(figures())) this.inc({ aggregate }, one[figure]);
      },
    });
  }
}
