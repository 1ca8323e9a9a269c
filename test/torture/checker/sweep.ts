/** Something that must have been so at one moment at least of a span of the log. */
export interface Question<State> {
  /** The state after the last event up to here is the first that may make it so. */
  readonly from: bigint;
  /** Events beyond it came too late; null: none did. */
  readonly to: bigint | null;
  readonly isSo: (state: State) => boolean;
  /** Place in the history of the attempt whose answer it is about, from 1. */
  readonly attempt: number;
}

interface Course<State> {
  state: State;
  /** Not looked at yet, the one that begins last first. */
  readonly ahead: Question<State>[];
  open: Question<State>[];
}

/**
 * Goes through the log once and answers questions about its streams on the way: of each stream only its state and the
 * questions that are open at that moment are in memory.
 */
export class Sweep<State> {
  readonly #initial: State;
  readonly #courses = new Map<string, Course<State>>();
  /** The attempts whose answers were never so. */
  readonly unanswered: number[] = [];
  asked = 0;

  /** @param initial of every stream, before its first event */
  constructor(initial: State) {
    this.#initial = initial;
  }

  /** Asks; only before the first event. */
  ask(stream: string, question: Question<State>): void {
    this.asked += 1;
    this.#course(stream).ahead.push(question);
  }

  /** Nothing more is asked: the log begins. */
  begin(): void {
    for (const { ahead } of this.#courses.values())
      ahead.sort((a, b) => (a.from < b.from ? 1 : a.from > b.from ? -1 : 0));
  }

  stateOf(stream: string): State {
    return this.#courses.get(stream)?.state ?? this.#initial;
  }

  states(): Iterable<readonly [stream: string, state: State]> {
    return this.#courses.entries().map(([stream, { state }]) => [stream, state] as const);
  }

  /** The stream's next event was recorded here, and this is what is so after it. */
  move(stream: string, position: bigint, next: State): void {
    const course = this.#course(stream);
    this.#openUntil(course, position);
    course.open = course.open.filter(({ to, attempt }) => {
      if (to === null || to >= position) return true;
      this.unanswered.push(attempt);
      return false;
    });
    course.state = next;
    course.open = course.open.filter(({ isSo }) => !isSo(next));
  }

  /** The log ends: what was not so until now never was. */
  end(): void {
    for (const course of this.#courses.values()) {
      this.#openUntil(course, null);
      for (const { attempt } of course.open) this.unanswered.push(attempt);
      course.open = [];
    }
  }

  /** Takes up the questions that begin before a position, with the state as it is until then. */
  #openUntil(course: Course<State>, position: bigint | null): void {
    for (;;) {
      const next = course.ahead.at(-1);
      if (next === undefined || (position !== null && next.from >= position)) return;
      course.ahead.pop();
      if (!next.isSo(course.state)) course.open.push(next);
    }
  }

  #course(stream: string): Course<State> {
    const known = this.#courses.get(stream);
    if (known !== undefined) return known;
    const course: Course<State> = { state: this.#initial, ahead: [], open: [] };
    this.#courses.set(stream, course);
    return course;
  }
}
