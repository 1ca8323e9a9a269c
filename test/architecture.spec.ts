import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { expect, it } from "vitest";

/**
 * What the code of each folder may import, besides itself. Dependencies point inwards: what a rule of the domain is does
 * not depend on how commands run, nor that on how they are asked for. Of the files at the top, `ports.ts` says what all need from outside, `remembering.ts` is a bounded memory, and the others (main.ts) and the folder `node` wire all of it.
 */
const MAY_IMPORT: Record<string, readonly string[]> = {
  domain: [],
  "ports.ts": [],
  "remembering.ts": [],
  "config.ts": [],
  leases: ["ports.ts"],
  embedded: [],
  postgres: [],
  eventstore: ["domain", "ports.ts"],
  verifier: [],
  commands: ["domain", "eventstore", "postgres", "ports.ts", "remembering.ts"],
  projections: ["domain", "eventstore", "leases", "postgres", "ports.ts"],
  processes: ["domain", "eventstore", "commands", "projections", "payments", "leases", "postgres", "ports.ts"],
  payments: ["domain", "ports.ts", "remembering.ts"],
  accounts: ["domain", "commands", "postgres", "ports.ts", "remembering.ts"],
  "waiting-room": [
    "domain",
    "eventstore",
    "commands",
    "projections",
    "leases",
    "postgres",
    "ports.ts",
    "remembering.ts",
  ],
  metrics: ["eventstore", "commands", "ports.ts"],
  audit: ["domain", "eventstore", "projections", "leases", "postgres", "verifier", "ports.ts"],
  notices: ["domain", "eventstore", "commands", "projections", "accounts", "leases", "postgres", "ports.ts"],
  seed: ["domain", "eventstore", "commands"],
  node: [
    "postgres",
    "domain",
    "eventstore",
    "commands",
    "projections",
    "payments",
    "processes",
    "notices",
    "waiting-room",
    "accounts",
    "audit",
    "metrics",
    "api",
    "postgres",
    "ports.ts",
    "config.ts",
    "embedded",
  ],
  api: [
    "domain",
    "eventstore",
    "commands",
    "projections",
    "processes",
    "payments",
    "waiting-room",
    "accounts",
    "audit",
    "verifier",
    "metrics",
    "ports.ts",
    "remembering.ts",
    "postgres",
  ],
};

/** These decide and describe; they touch neither a package nor the machine. */
const PURE = ["domain", "ports.ts"];

/** Large libraries that a setting asks for. Without them a start takes two thirds of the processor time. */
const LOADED_WHEN_NEEDED = ["redis", "nodemailer", "stripe", "@eventstore/db-client"];

interface Import {
  readonly file: string;
  readonly from: string;
  /** A folder of src, or undefined for a package. */
  readonly to: string | undefined;
  readonly specifier: string;
  /** Whether it is loaded whenever its file is: not for its types only, and not where the code gets to it. */
  readonly isAtOnce: boolean;
}

const root = join(import.meta.dirname, "..", "src");
const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter(
  (file) => file.endsWith(".ts") && !file.endsWith(".d.ts"),
);
const imports = files.flatMap(importsOf);

it("dependencies point inwards", () => {
  const outwards = imports.filter(
    ({ from, to }) => to !== undefined && to !== from && from in MAY_IMPORT && !MAY_IMPORT[from]?.includes(to),
  );
  expect(outwards.map(({ file, specifier }) => `${file} imports ${specifier}`)).toEqual([]);
});

it("every folder has its place", () => {
  const folders = new Set(imports.map(({ from }) => from).filter((from) => !from.endsWith(".ts")));
  expect([...folders].filter((folder) => !(folder in MAY_IMPORT))).toEqual([]);
});

it("the allowed dependencies form no circle", () => {
  const placed: string[] = [];
  for (;;) {
    const next = Object.keys(MAY_IMPORT).find(
      (folder) => !placed.includes(folder) && MAY_IMPORT[folder]?.every((other) => placed.includes(other)),
    );
    if (next === undefined) break;
    placed.push(next);
  }
  expect(placed.toSorted()).toEqual(Object.keys(MAY_IMPORT).toSorted());
});

it("the domain imports no package and nothing of Node's", () => {
  const impure = imports.filter(({ from, to }) => PURE.includes(from) && to === undefined);
  expect(impure.map(({ file, specifier }) => `${file} imports ${specifier}`)).toEqual([]);
});

it("a start loads no library that a setting would have to ask for", () => {
  const loaded = loadedWith("main.ts");
  expect(LOADED_WHEN_NEEDED.filter((name) => loaded.has(name))).toEqual([]);
  const all = new Set(imports.map(({ specifier }) => specifier));
  expect(LOADED_WHEN_NEEDED.filter((name) => !all.has(name))).toEqual([]);
});

it("files import each other by their real names", () => {
  const nameless = imports.filter(({ to, specifier }) => to !== undefined && !/\.(ts|json)$/.test(specifier));
  expect(nameless.map(({ file, specifier }) => `${file} imports ${specifier}`)).toEqual([]);
});

it("no type check is switched off", () => {
  const off = /@ts-(ignore|nocheck)|biome-ignore[^\n]*noExplicitAny/;
  expect(files.filter((file) => off.test(readFileSync(join(root, file), "utf8")))).toEqual([]);
});

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), "utf8");
  const statements = text.matchAll(
    /^(?:import|export)\b( type\b)?(?:[^"';]*?\bfrom)?\s*"([^"]+)"|\bimport\(\s*"([^"]+)"/gm,
  );
  return [...statements].map(([, isType, fixed, dynamic]) => {
    const specifier = fixed ?? (dynamic as string);
    const to = specifier.startsWith(".") ? folderOf(join(dirname(file), specifier)) : undefined;
    const isAtOnce = fixed !== undefined && isType === undefined;
    return { file, from: folderOf(file), to, specifier, isAtOnce };
  });
}

/** Files of src and packages that are loaded when a file of src is. */
function loadedWith(first: string): ReadonlySet<string> {
  const loaded = new Set([first]);
  for (const one of loaded) {
    for (const { file, specifier, isAtOnce } of imports) {
      if (file === one && isAtOnce) loaded.add(specifier.startsWith(".") ? join(dirname(file), specifier) : specifier);
    }
  }
  return loaded;
}

/** The first part of a path inside src; a file at the top (main.ts) stands for itself. */
function folderOf(path: string): string {
  const name = relative(root, join(root, path)).split(sep).join("/");
  return name.split("/")[0] as string;
}
