import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

/** By which a provider says which run of it answers. */
export const INSTANCE_HEADER = "boxoffice-sandbox";

const addressSchema = z.object({
  url: z.url(),
  /** Told by the provider to whoever asks: another program that got its port later can't know it. */
  instance: z.string(),
  pid: z.int(),
});

/** Where the provider of a directory listens, or did when it last ran. */
export type Address = z.output<typeof addressSchema>;

const addressPath = (directory: string): string => join(directory, "address.json");

/** null: there was never one, or the file says nothing. */
export async function keptAddress(directory: string): Promise<Address | null> {
  try {
    return addressSchema.parse(JSON.parse(await readFile(addressPath(directory), "utf8")));
  } catch {
    return null; // half a file, or none: the provider is found by starting one
  }
}

/** Replaces the file as a whole: who reads it finds the one before or this one. For the one that has the charges open. */
export async function keepAddress(directory: string, address: Address): Promise<void> {
  const draft = `${addressPath(directory)}.new`;
  await writeFile(draft, JSON.stringify(address), { mode: 0o600 });
  await rename(draft, addressPath(directory));
}
