/** So many tries at most; a try takes about 10 ms. */
const MAX_TRIES = 800;

/**
 * Leaves out what a failure does not need: halves first, then quarters, down to single ones, until nothing more can go.
 * @param fails whether these alone still fail
 */
export async function shrink<One>(
  all: readonly One[],
  fails: (some: readonly One[]) => Promise<boolean>,
): Promise<readonly One[]> {
  let left = all;
  let tries = 0;
  for (let size = Math.ceil(left.length / 2); size >= 1 && tries < MAX_TRIES; ) {
    let isLess = false;
    for (let start = 0; start < left.length && tries < MAX_TRIES; ) {
      const some = left.toSpliced(start, size);
      tries += 1;
      if (await fails(some)) {
        left = some;
        isLess = true;
      } else start += size;
    }
    if (!isLess || size > 1) size = size === 1 ? 0 : Math.ceil(size / 2);
  }
  return left;
}
