import { SingleBar } from "cli-progress";

type Fields = Readonly<Record<string, string | number>>;

/**
 * Shows how far a command's work is while it is under way; without a terminal as a line every two seconds.
 *
 * @param format what stands around the bar; `{name}` is the field of that name
 * @param first the fields to begin with
 * @param work given what tells how far it is: a part of 1, and fields that have changed
 */
export async function withBar<Result>(
  format: { readonly before: string; readonly after: string },
  first: Fields,
  work: (tell: (part: number, fields: Fields) => void) => Promise<Result>,
): Promise<Result> {
  const bar = new SingleBar({
    format: `${format.before} [{bar}] {percentage}%  ${format.after}`,
    hideCursor: true,
    noTTYOutput: true,
    notTTYSchedule: 2_000,
  });
  bar.start(100, 0, first);
  try {
    return await work((part, fields) => bar.update(Math.min(100, Math.floor(100 * part)), fields));
  } finally {
    bar.stop();
  }
}
