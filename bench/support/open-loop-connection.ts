import { connect, type Socket } from "node:net";

/** What of an answer counts. */
export interface Answer {
  readonly status: number;
  readonly hasRetryAfter: boolean;
}

/** One HTTP/1.1 connection with one request at a time, without anything that a load test doesn't need. */
export class OpenLoopConnection {
  readonly #socket: Socket;
  readonly #onAnswer: (answer: Answer, connection: OpenLoopConnection) => void;
  /** What has come of an answer that is not complete. */
  #parts: Buffer | null = null;
  #answer: Answer | null = null;
  /** Bytes of its body that are still to come; negative: until the last chunk. */
  #missing = 0;
  #closes = false;

  constructor(
    port: number,
    onAnswer: (answer: Answer, connection: OpenLoopConnection) => void,
    onEnd: (connection: OpenLoopConnection) => void,
  ) {
    this.#onAnswer = onAnswer;
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.#socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    this.#socket.on("error", () => {}); // "close" follows
    this.#socket.on("close", () => onEnd(this));
  }

  /** Whether the server will end it after this answer. */
  get closes(): boolean {
    return this.#closes;
  }

  send(request: string): void {
    this.#socket.write(request, "latin1");
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    const answer = this.#answer ?? this.#begin(chunk);
    if (answer === null) return;
    if (this.#answer !== null) this.#take(chunk, 0);
    else this.#answer = answer;
    if (this.#missing !== 0) return;
    this.#answer = null;
    this.#onAnswer(answer, this);
  }

  #begin(chunk: Buffer): Answer | null {
    const bytes = this.#parts === null ? chunk : Buffer.concat([this.#parts, chunk]);
    const end = bytes.indexOf("\r\n\r\n");
    this.#parts = end < 0 ? bytes : null;
    if (end < 0) return null;
    const head = bytes.toString("latin1", 0, end);
    const status = Number(head.slice(9, 12));
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    const hasBody = status !== 204 && status !== 304;
    this.#missing = !hasBody ? 0 : length === undefined ? -1 : Number(length);
    this.#closes = /\r\nconnection: *close/i.test(head);
    this.#take(bytes, end + 4);
    return { status, hasRetryAfter: (status === 429 || status === 503) && /\r\nretry-after: *\d/i.test(head) };
  }

  #take(bytes: Buffer, from: number): void {
    if (this.#missing > 0) this.#missing -= bytes.length - from;
    else if (this.#missing < 0 && bytes.subarray(from).includes("0\r\n\r\n")) this.#missing = 0;
  }
}
