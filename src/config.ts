import { isIP } from "node:net";
import { z } from "zod";

/** A setting that can't be used: one line for the operator, with the variable and what it takes. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

export const PROCESS_ROLES = ["api", "projector", "processes"] as const;
export type ProcessRole = (typeof PROCESS_ROLES)[number];

const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;

const wholeNumber = (least: number, most: number, fallback: number) =>
  z
    .string()
    .regex(/^\d{1,10}$/)
    .transform(Number)
    .pipe(z.int().min(least).max(most))
    .prefault(String(fallback));

const url = (...protocols: string[]) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol));

const commaSeparated = z.string().transform((text) =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== ""),
);

const SECONDS_A_DAY = 86_400;
const POSTGRES = "a Postgres address: postgres://user:password@host:5432/database";

/** Each variable of the environment: its schema, and what it takes, in the words of the error. */
const VARIABLES = {
  HOST: [z.string().min(1).default("127.0.0.1"), "an address or host name, e.g. 127.0.0.1"],
  PORT: [wholeNumber(0, 65_535, 3_000), "a port from 0 to 65535"],
  PUBLIC_URL: [
    url("http:", "https:")
      .transform((text) => text.replace(/\/+$/, ""))
      .optional(),
    "an address: https://tickets.example.com",
  ],
  TRUST_PROXY: [
    commaSeparated.refine((entries) => entries.every(isAddressOrCidr)).prefault(""),
    "addresses and CIDRs by commas, e.g. 10.0.0.0/8,127.0.0.1",
  ],
  CORS_ORIGINS: [
    commaSeparated.refine((origins) => origins.every(isOrigin)).prefault(""),
    "origins by commas, e.g. https://shop.example.com",
  ],
  DATA_DIR: [z.string().min(1).default("./.boxoffice"), "a folder"],
  DATABASE_URL: [url("postgres:", "postgresql:").optional(), POSTGRES],
  DATABASE_READ_URL: [url("postgres:", "postgresql:").optional(), POSTGRES],
  EVENTSTORE_URL: [
    z
      .string()
      .regex(/^(esdb|esdb\+discover|kurrentdb|kurrentdb\+discover):\/\/\S+$/)
      .optional(),
    "an EventStoreDB address: esdb://host:2113?tls=false",
  ],
  REDIS_URL: [url("redis:", "rediss:").optional(), "a Redis address: redis://host:6379"],
  ROLES: [
    commaSeparated.pipe(z.array(z.enum(PROCESS_ROLES)).min(1)).prefault("api,projector,processes"),
    "one or more of api, projector and processes, by commas",
  ],
  JWT_SECRET: [z.string().min(32).optional(), "at least 32 characters"],
  ADMIN_EMAIL: [z.email().optional(), "an e-mail address"],
  ADMIN_PASSWORD: [z.string().min(8).max(200).optional(), "8 to 200 characters"],
  HOLD_TTL_SECONDS: [wholeNumber(1, SECONDS_A_DAY, 600), "seconds from 1 to 86400"],
  PAYMENT_WINDOW_SECONDS: [wholeNumber(1, SECONDS_A_DAY, 900), "seconds from 1 to 86400"],
  OFFER_TTL_SECONDS: [wholeNumber(1, 7 * SECONDS_A_DAY, 14_400), "seconds from 1 to 604800"],
  PAYMENT_PROVIDER: [z.enum(["sandbox", "stripe"]).optional(), "sandbox or stripe"],
  STRIPE_SECRET_KEY: [z.string().min(1).optional(), "the secret key of the Stripe account"],
  STRIPE_WEBHOOK_SECRET: [z.string().min(1).optional(), "the secret of the webhook endpoint"],
  SMTP_URL: [url("smtp:", "smtps:").optional(), "a mail server: smtps://user:password@host:465"],
  MAIL_FROM: [z.string().min(3).optional(), "a sender: Tickets <tickets@example.com>"],
  RATE_LIMIT_PER_MINUTE: [wholeNumber(0, 1_000_000_000, 600), "requests from 0 (no limit) to 1000000000"],
  LOG_LEVEL: [z.enum(LOG_LEVELS).default("info"), `one of ${LOG_LEVELS.join(", ")}`],
  NODE_ENV: [z.string().optional(), "production, or nothing"],
} as const satisfies Record<string, readonly [z.ZodType, string]>;

type Settings = { readonly [Name in keyof typeof VARIABLES]: z.output<(typeof VARIABLES)[Name][0]> };

/** The settings of a node; null is "not set". */
export interface Config {
  readonly production: boolean;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly publicUrl: string | null;
  readonly trustProxy: readonly string[];
  readonly corsOrigins: readonly string[];
  readonly dataDir: string;
  /** null: the embedded Postgres. */
  readonly databaseUrl: string | null;
  /** null: as `databaseUrl`. */
  readonly databaseReadUrl: string | null;
  /** null: events are kept in Postgres. */
  readonly eventStoreUrl: string | null;
  readonly redisUrl: string | null;
  readonly roles: readonly ProcessRole[];
  /** null: made once and kept in `dataDir`; never in production. */
  readonly jwtSecret: string | null;
  readonly admin: { readonly email: string; readonly password: string } | null;
  readonly holdTtlSeconds: number;
  readonly paymentWindowSeconds: number;
  readonly offerTtlSeconds: number;
  readonly paymentProvider: "sandbox" | "stripe";
  readonly stripe: { readonly secretKey: string; readonly webhookSecret: string } | null;
  readonly mail: { readonly smtpUrl: string; readonly from: string } | null;
  /** For each caller; 0: no limit. */
  readonly rateLimitPerMinute: number;
  readonly logLevel: (typeof LOG_LEVELS)[number];
}

/**
 * Reads the environment; an empty variable is one that is not set.
 * @throws ConfigError the first variable that can't be used
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const set = parseAll(environment);
  const production = set.NODE_ENV === "production";
  if (production) requireForProduction(set);
  return {
    production,
    host: set.HOST,
    port: set.PORT,
    publicUrl: set.PUBLIC_URL ?? null,
    trustProxy: set.TRUST_PROXY,
    corsOrigins: set.CORS_ORIGINS,
    dataDir: set.DATA_DIR,
    databaseUrl: set.DATABASE_URL ?? null,
    databaseReadUrl: set.DATABASE_READ_URL ?? null,
    eventStoreUrl: set.EVENTSTORE_URL ?? null,
    redisUrl: set.REDIS_URL ?? null,
    roles: set.ROLES,
    jwtSecret: set.JWT_SECRET ?? null,
    admin: both(set, "ADMIN_EMAIL", "ADMIN_PASSWORD", (email, password) => ({ email, password })),
    holdTtlSeconds: set.HOLD_TTL_SECONDS,
    paymentWindowSeconds: set.PAYMENT_WINDOW_SECONDS,
    offerTtlSeconds: set.OFFER_TTL_SECONDS,
    paymentProvider: set.PAYMENT_PROVIDER ?? "sandbox",
    stripe: stripeOf(set),
    mail: mailOf(set),
    rateLimitPerMinute: set.RATE_LIMIT_PER_MINUTE,
    logLevel: set.LOG_LEVEL,
  };
}

function parseAll(environment: Readonly<Record<string, string | undefined>>): Settings {
  const parsed: Record<string, unknown> = {};
  for (const [name, [schema]] of Object.entries(VARIABLES)) {
    const text = environment[name]?.trim();
    const result = schema.safeParse(text === "" ? undefined : text);
    if (!result.success) throw wrong(name as keyof Settings);
    parsed[name] = result.data;
  }
  return parsed as Settings;
}

const wrong = (name: keyof Settings, circumstance = ""): ConfigError =>
  new ConfigError(`${name} takes ${VARIABLES[name][1]}${circumstance}.`);

/** In production nothing is made up. */
function requireForProduction(set: Settings): void {
  for (const name of ["JWT_SECRET", "PAYMENT_PROVIDER", "SMTP_URL"] as const) {
    if (set[name] === undefined) throw wrong(name, "; it must be set when NODE_ENV=production");
  }
}

function stripeOf(set: Settings): Config["stripe"] {
  if (set.PAYMENT_PROVIDER !== "stripe") return null;
  const { STRIPE_SECRET_KEY: secretKey, STRIPE_WEBHOOK_SECRET: webhookSecret } = set;
  const circumstance = "; it must be set when PAYMENT_PROVIDER=stripe";
  if (secretKey === undefined) throw wrong("STRIPE_SECRET_KEY", circumstance);
  if (webhookSecret === undefined) throw wrong("STRIPE_WEBHOOK_SECRET", circumstance);
  return { secretKey, webhookSecret };
}

function mailOf({ SMTP_URL: smtpUrl, MAIL_FROM: from }: Settings): Config["mail"] {
  if (smtpUrl === undefined) return null;
  if (from === undefined) throw wrong("MAIL_FROM", "; it must be set with SMTP_URL");
  return { smtpUrl, from };
}

/** Two variables that only make sense together. */
function both<Value>(
  set: Settings,
  first: "ADMIN_EMAIL",
  second: "ADMIN_PASSWORD",
  combine: (first: string, second: string) => Value,
): Value | null {
  const [one, other] = [set[first], set[second]];
  if (one === undefined && other === undefined) return null;
  if (one === undefined) throw wrong(first, `; it must be set with ${second}`);
  if (other === undefined) throw wrong(second, `; it must be set with ${first}`);
  return combine(one, other);
}

function isAddressOrCidr(text: string): boolean {
  const [address = "", bits, ...more] = text.split("/");
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

const isOrigin = (text: string): boolean => URL.canParse(text) && new URL(text).origin === text;
