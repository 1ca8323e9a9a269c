import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { readConfig } from "../../src/config.ts";
import { connectionParts } from "../../src/eventstore/eventstoredb/connection-string.ts";

interface Service {
  readonly image?: string;
  readonly build?: string;
  readonly profiles?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly env_file?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly restart?: string;
}

const root = join(import.meta.dirname, "../..");
const text = readFileSync(join(root, "docker-compose.yml"), "utf8");
const compose = parse(text, { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, null>>;
};
const services = Object.entries(compose.services);
const clustered = services.filter(([, { profiles }]) => profiles?.includes("cluster"));
const nodes = clustered.filter(([, { image }]) => image?.startsWith("eventstore/"));
const sourceOf = (volume: string): string => volume.split(":")[0] ?? "";

/** No container engine runs here: what can be held against itself is. */
describe("docker-compose.yml", () => {
  it("names every volume that is mounted, and mounts every one that is named", () => {
    const mounted = services
      .flatMap(([, { volumes = [] }]) => volumes.map(sourceOf))
      .filter((one) => !one.startsWith("."));
    expect([...new Set(mounted)].sort()).toEqual(Object.keys(compose.volumes).sort());
    expect(mounted).toHaveLength(new Set(mounted).size);
  });

  it.each(services)("%s waits only for what says that it is healthy, in the same profile", (_, service) => {
    for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
      expect(condition).toBe("service_healthy");
      expect(compose.services[other]?.healthcheck).toBeDefined();
      expect(compose.services[other]?.profiles).toEqual(service.profiles);
    }
  });

  it.each(services)(
    "%s is reachable from this machine only, and comes back after an end",
    (_, { ports = [], restart }) => {
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
      expect(restart).toBe("unless-stopped");
    },
  );

  it("has three nodes in the cluster that know each other, by name and with certificates of their own", () => {
    expect(nodes.map(([name]) => name)).toEqual(["eventstore1", "eventstore2", "eventstore3"]);
    for (const [name, { environment = {}, volumes = [], healthcheck }] of nodes) {
      const others = nodes.map(([other]) => other).filter((other) => other !== name);
      expect(environment).toMatchObject({
        EVENTSTORE_CLUSTER_SIZE: "3",
        EVENTSTORE_GOSSIP_SEED: others.map((other) => `${other}:2113`).join(","),
        EVENTSTORE_NODE_HOST_ADVERTISE_AS: name,
        EVENTSTORE_REPLICATION_HOST_ADVERTISE_AS: name,
      });
      expect(environment).not.toHaveProperty("EVENTSTORE_INSECURE");
      expect(volumes).toContain(`./ops/cluster/certificates/${name}:/certificates/node:ro`);
      expect(volumes).toContain("./ops/cluster/certificates/ca:/certificates/ca:ro");
      expect(healthcheck?.test.join(" ")).toContain(
        "--cacert /certificates/ca/ca.crt https://localhost:2113/health/live",
      );
    }
  });

  it("has no secret of the cluster, and no default for one", () => {
    for (const [, { environment = {}, env_file = [] }] of clustered) {
      expect(Object.keys(environment).filter((name) => /PASSWORD|SECRET|_URL$/.test(name))).toEqual([]);
      for (const file of env_file) {
        expect(existsSync(join(root, `${file}.example`))).toBe(true);
        const example = readFileSync(join(root, `${file}.example`), "utf8");
        for (const [, name, value] of example.matchAll(/^(\w+)=(.*)$/gm)) {
          if (/PASSWORD|SECRET/.test(name ?? "")) expect(value).toBe("");
        }
      }
    }
    expect(readFileSync(join(root, ".gitignore"), "utf8")).toContain(
      "/ops/cluster/*.env\n/ops/cluster/certificates/\n",
    );
  });

  it("gives Boxoffice settings that it takes, on the nodes of the cluster, with TLS", () => {
    const settings = Object.fromEntries(
      [...readFileSync(join(root, "ops/cluster/boxoffice.env.example"), "utf8").matchAll(/^(\w+)=(.*)$/gm)].map(
        ([, name, value]) => [name, value],
      ),
    );
    const filledIn = {
      JWT_SECRET: "x".repeat(32),
      PAYMENT_PROVIDER: "sandbox",
      SMTP_URL: "smtp://mail:587",
      MAIL_FROM: "a@example.org",
    };
    const { environment } = compose.services["boxoffice-cluster"] ?? {};
    const { eventStoreUrl, databaseUrl, production } = readConfig({ ...settings, ...filledIn, ...environment });
    const { hosts, usesTls, hasCredentials } = connectionParts(eventStoreUrl ?? "");
    expect(hosts).toEqual(nodes.map(([name]) => `${name}:2113`));
    expect({ usesTls, hasCredentials, production }).toEqual({ usesTls: true, hasCredentials: true, production: true });
    expect(new URL(databaseUrl ?? "").hostname).toBe("postgres-cluster");
  });
});
