import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";

/** A mail as it came over the wire. */
export interface ReceivedMail {
  readonly to: string;
  /** With its angle brackets. */
  readonly messageId: string;
  readonly subject: string;
  readonly text: string;
  readonly raw: string;
}

/** What the server answers instead of taking a mail, by who it is to. */
export type Answer = { readonly code: number; readonly at: "sender" | "recipient" | "content" } | "hang-up";

/** A real SMTP server on 127.0.0.1. */
export interface MailServer {
  readonly url: string;
  /** All that it took, in order. */
  readonly received: readonly ReceivedMail[];
  /** Tries by recipient, also those that it refused. */
  readonly tries: ReadonlyMap<string, number>;
  /** Decides about each try; null takes the mail. */
  answer: (to: string) => Answer | null;
  /** Done before the server says that it took the mail. */
  beforeTaking: (mail: ReceivedMail) => Promise<void>;
  /** Cuts everything and listens no more, until {@link MailServer.open}. */
  close(): Promise<void>;
  open(): Promise<void>;
}

export async function startMailServer(): Promise<MailServer> {
  const received: ReceivedMail[] = [];
  const tries = new Map<string, number>();
  let server = await listen(0);
  const { port } = server.server.address() as AddressInfo;
  const running: MailServer = {
    url: `smtp://127.0.0.1:${port}`,
    received,
    tries,
    answer: () => null,
    beforeTaking: async () => {},
    close: () => new Promise((resolve) => server.close(() => resolve())),
    async open() {
      server = await listen(port);
    },
  };
  return running;

  function listen(at: number): Promise<SMTPServer> {
    const listening = new SMTPServer({
      authOptional: true,
      disabledCommands: ["STARTTLS", "AUTH"],
      disableReverseLookup: true,
      closeTimeout: 50,
      onMailFrom(_address, _session, done) {
        const refused = running.answer("sender");
        done(refused !== null && refused !== "hang-up" && refused.at === "sender" ? failure(refused.code) : null);
      },
      onRcptTo({ address }, _session, done) {
        tries.set(address, (tries.get(address) ?? 0) + 1);
        const answer = running.answer(address);
        done(answer !== null && answer !== "hang-up" && answer.at === "recipient" ? failure(answer.code) : null);
      },
      onData(stream, session, done) {
        const to = session.envelope.rcptTo[0]?.address ?? "";
        const chunks: Buffer[] = [];
        stream.on("data", (chunk: Buffer) => chunks.push(chunk));
        stream.on("end", async () => {
          const answer = running.answer(to);
          if (answer === "hang-up") {
            for (const connection of listening.connections) if (connection.id === session.id) connection.close();
            return;
          }
          if (answer?.at === "content") return done(failure(answer.code));
          const mail = parse(to, Buffer.concat(chunks).toString("utf8"));
          await running.beforeTaking(mail);
          received.push(mail);
          done();
        });
      },
    });
    listening.on("error", () => undefined); // connections that are cut
    return new Promise((resolve, reject) => {
      listening.server.once("error", reject);
      listening.listen(at, "127.0.0.1", () => resolve(listening));
    });
  }
}

const failure = (code: number): Error & { responseCode: number } =>
  Object.assign(new Error("scripted"), { responseCode: code });

function parse(to: string, raw: string): ReceivedMail {
  const end = raw.indexOf("\r\n\r\n");
  const headers = raw.slice(0, end).replace(/\r\n[ \t]+/g, " ");
  const header = (name: string) => new RegExp(`^${name}: (.*)$`, "im").exec(headers)?.[1]?.trim() ?? "";
  const body = raw.slice(end + 4).replaceAll("\r\n", "\n");
  const text = header("Content-Transfer-Encoding") === "quoted-printable" ? unquoted(body) : body;
  return { to, raw, messageId: header("Message-ID"), subject: header("Subject"), text };
}

const unquoted = (body: string): string =>
  Buffer.from(
    body
      .replace(/=\n/g, "")
      .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    "latin1",
  ).toString("utf8");
