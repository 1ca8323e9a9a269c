import { execFile, spawnSync } from "node:child_process";
import { mkdir, statfs } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Room for half an hour of events and the log of writes. It takes memory as it is used. */
const WHOLE_BYTES = 6 * 1024 ** 3;
/** What is left free when it is full: less than Postgres wants when it makes anything larger. */
const LEFT_BYTES = 64 * 1024;

/** With more left it is not full. */
const MOST_LEFT_BYTES = 16 * 1024 * 1024;

/** A file system of its own for a directory, which can run out of space. */
export interface SmallDisk {
  fill(): Promise<void>;
  free(): Promise<void>;
  /** Takes it away, with all that is on it. */
  remove(): Promise<void>;
}

/**
 * Puts one under a directory: a file system in memory whose size can be changed while it is used.
 * @returns null: this system does not let us mount one
 */
export async function smallDiskAt(directory: string): Promise<SmallDisk | null> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return null;
  await mkdir(directory, { recursive: true });
  const mount = (...args: readonly string[]) => run("mount", [...args, directory]);
  const isMounted = await mount("-t", "tmpfs", "-o", `size=${WHOLE_BYTES},mode=0711`, "tmpfs").then(
    () => true,
    () => false,
  );
  if (!isMounted) return null;
  // Ahead of whoever takes the directory away.
  const onExit = () => void spawnSync("umount", ["--lazy", directory]);
  process.prependListener("exit", onExit);
  return {
    async fill() {
      // It can't be made smaller than what it holds, and Postgres writes between the look and the change.
      for (let left = LEFT_BYTES; ; left *= 2) {
        const { blocks, bfree, bsize } = await statfs(directory);
        const used = (blocks - bfree) * bsize;
        try {
          return void (await mount("-o", `remount,size=${used + left},mode=0711`));
        } catch (error) {
          if (left > MOST_LEFT_BYTES) throw error;
        }
      }
    },
    async free() {
      await mount("-o", `remount,size=${WHOLE_BYTES},mode=0711`);
    },
    async remove() {
      process.off("exit", onExit);
      await run("umount", [directory]).catch(() => run("umount", ["--lazy", directory]));
    },
  };
}
