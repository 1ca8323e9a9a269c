import type { Role } from "../town/residents.ts";
import type { RunningTown } from "../town/running-town.ts";
import { type Fault, over } from "./fault.ts";

const AT_ONCE = { group: "kills", lastsMs: [0, 0], overlaps: true } as const;

/** `kill -9` of everything that is a process; each is started again by its supervisor. */
export function kills({ nodes, providerProcess, postgres }: RunningTown): readonly Fault[] {
  const ofRole = (role: Role, weight: number): Fault => ({
    ...AT_ONCE,
    name: `kill -9 of ${role}`,
    weight,
    async strike(chance) {
      const { resident } = chance.of(nodes.filter((node) => node.role === role));
      return resident.kill() ? over(`${resident.name} killed`) : null;
    },
  });
  return [
    ofRole("api", 8),
    ofRole("projector", 6),
    ofRole("processes", 6),
    {
      ...AT_ONCE,
      name: "kill -9 of provider",
      weight: 4,
      strike: async () => (providerProcess.kill() ? over("the provider killed") : null),
    },
    {
      ...AT_ONCE,
      name: "kill -9 of postgres",
      weight: 2,
      strike: async () => ((await postgres.restart("killed")) ? over("Postgres killed") : null),
    },
    {
      ...AT_ONCE,
      name: "kill -9 of a postgres backend",
      weight: 2,
      async strike(chance) {
        return (await postgres.killBackend(chance.next())) ? over("a backend of Postgres killed") : null;
      },
    },
  ];
}
