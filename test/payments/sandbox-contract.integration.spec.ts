import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runProvider } from "../../src/payments/sandbox/provider.ts";
import { startSandbox } from "../../src/payments/sandbox/start-sandbox.ts";
import { contractOfProvider } from "./contract.ts";
import { silent } from "./sandbox.ts";

const secret = "a secret for specs";

contractOfProvider("the sandbox", async () => {
  const directory = await mkdtemp(join(tmpdir(), "boxoffice-sandbox-"));
  const running = await runProvider({ directory, host: "127.0.0.1", port: 0, secret, log: silent });
  const remote = { url: running.address.url, secret };
  const sandbox = await startSandbox({ dataDir: directory, remote, clockOffsetMs: () => 0, log: silent });
  return {
    provider: sandbox.provider,
    methods: {
      authorizes: "sandbox-ok",
      declines: "sandbox-decline",
      pends: "sandbox-never",
      asksTheBuyer: "sandbox-action",
      foreign: "pm_card_visa",
    },
    async close() {
      await sandbox.close();
      await running.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
});
