// A node that uses the sandbox of a DATA_DIR, to be killed by the specs: `node sandbox-node.ts DATA_DIR`, over IPC.
// It answers {id, call, args} by {id, value} or {id, error}, and says {ready} or {failed} first.
import { startSandbox } from "../../src/payments/sandbox/start-sandbox.ts";

const [dataDir = ""] = process.argv.slice(2);
const say = (message: object) => process.send?.(message);
const log = { info() {}, warn: console.error, error: console.error };

try {
  const { provider, close } = await startSandbox({ dataDir, remote: null, clockOffsetMs: () => 0, log });
  const calls: Record<string, (arg: never) => Promise<unknown>> = {
    authorize: provider.authorize,
    capture: provider.capture,
    lookUp: provider.lookUp,
    close,
  };
  process.on("message", async ({ id, call, arg }: { id: number; call: string; arg: never }) => {
    try {
      say({ id, value: (await calls[call]?.(arg)) ?? null });
    } catch (error) {
      say({ id, error: (error as Error).name });
    }
  });
  process.on("disconnect", () => process.exit());
  say({ ready: true });
} catch (error) {
  say({ failed: (error as Error).message });
}
