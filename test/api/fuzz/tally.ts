/** How often each operation gave each status. */
export interface Tally {
  readonly total: number;
  count(route: string, method: string, status: number): void;
  succeeded(route: string): boolean;
  statusesOf(route: string): readonly number[];
  /** One line an operation. */
  lines(): readonly string[];
}

export function createTally(routes: readonly string[]): Tally {
  const counts = new Map(routes.map((route) => [route, new Map<number, number>()]));
  let total = 0;
  const statusesOf = (route: string): number[] => [...(counts.get(route)?.keys() ?? [])].sort((a, b) => a - b);
  return {
    get total() {
      return total;
    },
    count(route, method, status) {
      total += 1;
      const ofRoute = counts.get(route);
      // What another method gave says nothing about this one.
      if (ofRoute !== undefined && route.startsWith(`${method} `)) ofRoute.set(status, (ofRoute.get(status) ?? 0) + 1);
    },
    succeeded: (route) => statusesOf(route).some((status) => status >= 200 && status < 400),
    statusesOf,
    lines() {
      const width = Math.max(...routes.map((route) => route.length));
      return routes.map((route) => {
        const ofRoute = statusesOf(route).map((status) => `${status} x ${counts.get(route)?.get(status)}`);
        return `${route.padEnd(width)}  ${ofRoute.join(", ")}`;
      });
    },
  };
}
