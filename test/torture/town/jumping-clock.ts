// Loaded ahead of a node (`--import`): from then on the wall clock of this process is as far off as it is told over its
// channel, as after somebody has set the machine's. Its monotonic clock goes on as monotonic clocks do.
let offMs = 0;
const Real = Date;

class Jumped extends Real {
  constructor(...args: readonly unknown[]) {
    if (args.length === 0) super(Jumped.now());
    else super(...(args as [number]));
  }

  static override now(): number {
    return Real.now() + offMs;
  }
}

process.on("message", (message: unknown) => {
  if (typeof message === "object" && message !== null && "clockOffByMs" in message)
    offMs = Number(message.clockOffByMs);
});
process.channel?.unref();
globalThis.Date = Jumped as unknown as DateConstructor;
