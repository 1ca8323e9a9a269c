/**
 * Lets no more than so many sequences be gone through at a time: one too many fails at its first piece.
 * @param refused what it fails with
 */
export function atOnce(most: number, refused: () => Error) {
  let running = 0;
  return async function* limited<Piece>(
    begin: () => AsyncGenerator<Piece, void, undefined>,
  ): AsyncGenerator<Piece, void, undefined> {
    if (running >= most) throw refused();
    running += 1;
    try {
      yield* begin();
    } finally {
      running -= 1;
    }
  };
}
