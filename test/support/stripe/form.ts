/** Parameters as Stripe takes them: flat, nested names in brackets, e.g. `metadata[attemptId]`. */
export type Form = ReadonlyMap<string, string>;

/** @throws Error for a name that is given twice */
export function parseForm(encoded: string): Form {
  const form = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(encoded)) {
    if (form.has(name)) throw new Error(`${name} is given twice`);
    form.set(name, value);
  }
  return form;
}

/** The first name that is none of these; `metadata[]` and `expand[]` allow any name inside. */
export function unknownName(form: Form, names: readonly string[]): string | undefined {
  return [...form.keys()].find((name) => !names.includes(name) && !names.includes(name.replace(/\[[^\]]*\]$/, "[]")));
}

export function metadataOf(form: Form): Record<string, string> {
  const pairs = [...form].flatMap(([name, value]) => {
    const key = /^metadata\[(.+)\]$/.exec(name)?.[1];
    return key === undefined || value === "" ? [] : [[key, value] as const];
  });
  return Object.fromEntries(pairs);
}

export function expands(form: Form, path: string): boolean {
  return [...form].some(([name, value]) => name.startsWith("expand[") && value === path);
}
