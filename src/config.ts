import { isIP } from "node:net";
import { z } from "zod";

/** A setting that the start must not go on with. The message is one line: the variable and what it takes. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** The parts that one process can run. */
export const PROCESS_ROLES = ["api", "projector", "processes"] as const;
export type ProcessRole = (typeof PROCESS_ROLES)[number];

const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
const MAX_TERM_SECONDS = 86_400;
const MAX_OFFER_SECONDS = 604_800;
/** HS256 wants a key as long as its hash (RFC 7518, 3.2). */
const MIN_SECRET_BYTES = 32;
/** The one that signs, and those that it follows. */
const MAX_SECRETS = 4;

const whole = (least: number, most: number, standard: number) =>
  z
    .string()
    .regex(/^\d{1,10}$/, `takes a whole number from ${least} to ${most}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `takes a whole number from ${least} to ${most}`)
    .default(standard);

const url = (takes: string, ...protocols: string[]) =>
  z
    .string()
    .refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), `takes ${takes}`)
    .nullable()
    .default(null);

/** Texts by commas; blanks around them don't count. */
const list = (takes: string, fits: (one: string) => boolean) =>
  z
    .string()
    .transform((text) => text.split(",").flatMap((one) => (one.trim() === "" ? [] : [one.trim()])))
    .refine((all) => all.every(fits), `takes ${takes}`);

/** With several hosts, the nodes of a cluster, it is no URL as the standard has it. */
const EVENTSTORE =
  /^esdb(\+discover)?:\/\/([^:@/?#]+:[^@/?#]+@)?[\w.-]+(:\d{1,5})?(,[\w.-]+(:\d{1,5})?)*\/?(\?[^#?]*)?$/;
const POSTGRES = "a URL such as postgres://user:password@host:5432/database";
function isProxy(text: string): boolean {
  const [address = "", bits = "0", ...more] = text.split("/");
  const longest = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return more.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= longest;
}
const isOrigin = (text: string) => text === "*" || (URL.canParse(text) && new URL(text).origin === text);
const isRole = (text: string): text is ProcessRole => (PROCESS_ROLES as readonly string[]).includes(text);

const environment = z.object({
  NODE_ENV: z.string().default("development"),
  HOST: z.string().default("127.0.0.1"),
  PORT: whole(0, 65_535, 3000),
  PUBLIC_URL: url("a URL such as https://tickets.example.org", "http:", "https:"),
  TRUST_PROXY: list("addresses or CIDRs by commas, e.g. 10.0.0.0/8", isProxy).default([]),
  CORS_ORIGINS: list("origins by commas, e.g. https://shop.example.org, or *", isOrigin).default([]),
  DATA_DIR: z.string().default("./.boxoffice"),
  DATABASE_URL: url(POSTGRES, "postgres:", "postgresql:"),
  DATABASE_READ_URL: url(POSTGRES, "postgres:", "postgresql:"),
  EVENTSTORE_URL: z
    .string()
    .regex(EVENTSTORE, "takes a URL such as esdb://user:password@host:2113,host:2113?tls=true")
    .nullable()
    .default(null),
  REDIS_URL: url("a URL such as redis://host:6379", "redis:", "rediss:"),
  ROLES: list(`some of ${PROCESS_ROLES.join(", ")}, by commas`, isRole)
    .refine((roles) => roles.length > 0, `takes some of ${PROCESS_ROLES.join(", ")}, by commas`)
    .default([...PROCESS_ROLES]),
  JWT_SECRET: z.string().nullable().default(null),
  HEAD_SIGNING_KEY: z.string().nullable().default(null),
  METRICS_TOKEN: z.string().nullable().default(null),
  ADMIN_EMAIL: z.email("takes an e-mail address").nullable().default(null),
  ADMIN_PASSWORD: z
    .string()
    .refine(({ length }) => length >= 8 && length <= 200, "takes 8 to 200 characters")
    .nullable()
    .default(null),
  HOLD_TTL_SECONDS: whole(1, MAX_TERM_SECONDS, 600),
  PAYMENT_WINDOW_SECONDS: whole(1, MAX_TERM_SECONDS, 900),
  OFFER_TTL_SECONDS: whole(1, MAX_OFFER_SECONDS, 14_400),
  PAYMENT_PROVIDER: z.enum(["sandbox", "stripe"], "takes sandbox or stripe").optional(),
  SANDBOX_URL: url("a URL such as http://payments.internal:4000", "http:", "https:"),
  SANDBOX_SECRET: z.string().nullable().default(null),
  STRIPE_SECRET_KEY: z.string().nullable().default(null),
  STRIPE_WEBHOOK_SECRET: z.string().nullable().default(null),
  SMTP_URL: url("a URL such as smtp://user:password@host:587", "smtp:", "smtps:"),
  MAIL_FROM: z.string().nullable().default(null),
  RATE_LIMIT_PER_MINUTE: whole(0, 1_000_000_000, 600),
  LOG_LEVEL: z.enum(LOG_LEVELS, `takes one of ${LOG_LEVELS.join(", ")}`).default("info"),
});

/** The environment as the process understands it; `docs/operations` says what each variable is for. */
export interface Config {
  readonly production: boolean;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Without a slash at its end; null: links are relative. */
  readonly publicUrl: string | null;
  readonly trustProxy: readonly string[];
  readonly corsOrigins: readonly string[];
  readonly dataDir: string;
  /** null: the embedded Postgres in `dataDir`. */
  readonly databaseUrl: string | null;
  /** null: the same as for writing. */
  readonly databaseReadUrl: string | null;
  /** null: events are in Postgres too. */
  readonly eventStoreUrl: string | null;
  /** null: rate limits count in each process. */
  readonly redisUrl: string | null;
  readonly roles: ReadonlySet<ProcessRole>;
  /** One or several by commas, the first signs; null: made once in `dataDir`; never null in production. */
  readonly jwtSecret: string | null;
  /** A private key in PEM, or the path of a file with one; null: made once and kept in the database. */
  readonly headSigningKey: string | null;
  /** null: `/metrics` answers on loopback only. */
  readonly metricsToken: string | null;
  readonly admin: { readonly email: string; readonly password: string } | null;
  readonly holdTtlSeconds: number;
  readonly paymentWindowSeconds: number;
  readonly offerTtlSeconds: number;
  readonly payments:
    | {
        readonly provider: "sandbox";
        /** One that is kept running elsewhere, with its secret; null: found or started in `dataDir`. */
        readonly remote: { readonly url: string; readonly secret: string } | null;
      }
    | { readonly provider: "stripe"; readonly secretKey: string; readonly webhookSecret: string };
  /** null: mails go to the log; never null in production. */
  readonly mail: { readonly smtpUrl: string; readonly from: string } | null;
  /** For each caller; 0 is no limit. */
  readonly rateLimitPerMinute: number;
  readonly logLevel: (typeof LOG_LEVELS)[number];
}

/**
 * Reads the environment; an empty variable counts as not set.
 * @throws ConfigError the first setting that is wrong
 */
export function readConfig(variables: Readonly<Record<string, string | undefined>>): Config {
  const set = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined && value !== ""));
  const parsed = environment.safeParse(set);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new ConfigError(`${String(issue?.path[0])} ${issue?.message}`);
  }
  const env = parsed.data;
  const production = env.NODE_ENV === "production";
  return {
    production,
    host: env.HOST,
    port: env.PORT,
    publicUrl: env.PUBLIC_URL?.replace(/(?<!\/)\/+$/, "") ?? null,
    trustProxy: env.TRUST_PROXY,
    corsOrigins: env.CORS_ORIGINS,
    dataDir: env.DATA_DIR,
    databaseUrl: env.DATABASE_URL,
    databaseReadUrl: env.DATABASE_READ_URL,
    eventStoreUrl: env.EVENTSTORE_URL,
    redisUrl: env.REDIS_URL,
    roles: new Set(env.ROLES.filter(isRole)),
    jwtSecret: jwtSecretOf(env, production),
    headSigningKey: env.HEAD_SIGNING_KEY,
    metricsToken: env.METRICS_TOKEN,
    admin: adminOf(env),
    holdTtlSeconds: env.HOLD_TTL_SECONDS,
    paymentWindowSeconds: env.PAYMENT_WINDOW_SECONDS,
    offerTtlSeconds: env.OFFER_TTL_SECONDS,
    payments: paymentsOf(env, production),
    mail: mailOf(env, production),
    rateLimitPerMinute: env.RATE_LIMIT_PER_MINUTE,
    logLevel: env.LOG_LEVEL,
  };
}

type Environment = z.output<typeof environment>;

function jwtSecretOf({ JWT_SECRET: setting }: Environment, production: boolean): string | null {
  const secrets = setting?.split(",").filter((one) => one.trim() !== "") ?? [];
  if (secrets.length > MAX_SECRETS || (setting !== null && secrets.length === 0)) {
    throw new ConfigError(`JWT_SECRET takes 1 to ${MAX_SECRETS} secrets by commas`);
  }
  const isShort = secrets.some((one) => Buffer.byteLength(one.trim()) < MIN_SECRET_BYTES);
  if (production && (setting === null || isShort)) {
    throw new ConfigError(`JWT_SECRET takes at least ${MIN_SECRET_BYTES} random characters when NODE_ENV=production`);
  }
  return setting;
}

function adminOf({ ADMIN_EMAIL: email, ADMIN_PASSWORD: password }: Environment): Config["admin"] {
  if (email === null && password !== null)
    throw new ConfigError("ADMIN_EMAIL takes an e-mail address when ADMIN_PASSWORD is set");
  if (email === null) return null;
  if (password === null) throw new ConfigError("ADMIN_PASSWORD takes 8 to 200 characters when ADMIN_EMAIL is set");
  return { email, password };
}

function paymentsOf(env: Environment, production: boolean): Config["payments"] {
  if (production && env.PAYMENT_PROVIDER === undefined) {
    throw new ConfigError("PAYMENT_PROVIDER takes sandbox or stripe, and must be set when NODE_ENV=production");
  }
  if (env.PAYMENT_PROVIDER !== "stripe") return { provider: "sandbox", remote: remoteSandboxOf(env) };
  const { STRIPE_SECRET_KEY: secretKey, STRIPE_WEBHOOK_SECRET: webhookSecret } = env;
  if (secretKey === null)
    throw new ConfigError("STRIPE_SECRET_KEY takes Stripe's secret key when PAYMENT_PROVIDER=stripe");
  if (webhookSecret === null) {
    throw new ConfigError("STRIPE_WEBHOOK_SECRET takes Stripe's signing secret when PAYMENT_PROVIDER=stripe");
  }
  return { provider: "stripe", secretKey, webhookSecret };
}

function remoteSandboxOf({ SANDBOX_URL: url, SANDBOX_SECRET: secret }: Environment) {
  if (url === null) return null;
  if (secret === null) throw new ConfigError("SANDBOX_SECRET takes the provider's secret when SANDBOX_URL is set");
  return { url: url.replace(/(?<!\/)\/+$/, ""), secret };
}

function mailOf({ SMTP_URL: smtpUrl, MAIL_FROM: from }: Environment, production: boolean): Config["mail"] {
  if (smtpUrl === null) {
    if (production)
      throw new ConfigError("SMTP_URL takes a URL such as smtp://host:587, and must be set when NODE_ENV=production");
    return null;
  }
  if (from === null) throw new ConfigError("MAIL_FROM takes the sender's address when SMTP_URL is set");
  return { smtpUrl, from };
}
