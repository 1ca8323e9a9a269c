/** The listeners of `listeners.ts`: opens them, and tells when all of them have come to a revision. */
import { connect, type Socket } from "node:net";
import type { ListenersAsked, ListenersSaid } from "./listeners.ts";

/** Opened at once; the next ones follow as these are answered. */
const OPENING = 100;

const say = (said: ListenersSaid): void => void process.send?.(said);
const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;

let connected = 0;
let lost = 0;
/** How many have each revision, or a later one. */
const newestOf: number[] = [];
let waitingFor: { readonly revision: number; have: number } | null = null;

process.on("message", (asked: ListenersAsked) => {
  if (asked.kind === "open") return void openAll(asked);
  waitingFor = { revision: asked.revision, have: newestOf.filter((newest) => newest >= asked.revision).length };
  tellIfAll();
});
process.on("disconnect", () => process.exit(0));

async function openAll({ port, path, count }: Extract<ListenersAsked, { kind: "open" }>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const number = next;
      next += 1;
      await open(port, path, number);
    }
  };
  await Promise.all(Array.from({ length: OPENING }, worker));
  say({ kind: "opened", connected, lost });
}

/** Resolves when the first version has come, or the connection is lost. */
function open(port: number, path: string, number: number): Promise<void> {
  return new Promise((resolve) => {
    newestOf[number] = -1;
    const socket: Socket = connect(port, "127.0.0.1");
    socket.setEncoding("latin1");
    socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
    socket.on("data", (text: string) => {
      const at = text.lastIndexOf("id: ");
      if (at < 0) return;
      const before = newestOf[number] as number;
      if (before < 0) connected += 1;
      newestOf[number] = Number.parseInt(text.slice(at + 4), 10);
      if (waitingFor !== null && before < waitingFor.revision && (newestOf[number] as number) >= waitingFor.revision) {
        waitingFor.have += 1;
        tellIfAll();
      }
      resolve();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      lost += 1;
      resolve();
    });
  });
}

function tellIfAll(): void {
  if (waitingFor === null || waitingFor.have < newestOf.length) return;
  say({ kind: "all-have", revision: waitingFor.revision, atMs: nowMs() });
  waitingFor = null;
}
