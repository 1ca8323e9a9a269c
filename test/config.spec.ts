import { describe, expect, it } from "vitest";
import { ConfigError, readConfig } from "../src/config.ts";

const production = {
  NODE_ENV: "production",
  JWT_SECRET: "0123456789abcdef0123456789abcdef",
  PAYMENT_PROVIDER: "sandbox",
  SMTP_URL: "smtp://mail.example.org:587",
  MAIL_FROM: "tickets@example.org",
};

describe("the environment", () => {
  it("has a default for everything, with nothing set", () => {
    expect(readConfig({})).toEqual({
      production: false,
      host: "127.0.0.1",
      port: 3000,
      publicUrl: null,
      trustProxy: [],
      corsOrigins: [],
      dataDir: "./.boxoffice",
      databaseUrl: null,
      databaseReadUrl: null,
      eventStoreUrl: null,
      redisUrl: null,
      roles: new Set(["api", "projector", "processes"]),
      jwtSecret: null,
      headSigningKey: null,
      metricsToken: null,
      admin: null,
      holdTtlSeconds: 600,
      paymentWindowSeconds: 900,
      offerTtlSeconds: 14_400,
      payments: { provider: "sandbox", remote: null },
      mail: null,
      rateLimitPerMinute: 600,
      logLevel: "info",
    });
  });

  it("takes an empty variable as one that is not set", () => {
    expect(readConfig({ PORT: "", JWT_SECRET: "", DATABASE_URL: "", ROLES: "", PAYMENT_PROVIDER: "" })).toEqual(
      readConfig({}),
    );
  });

  it("is not bothered by variables of others", () => {
    expect(readConfig({ PATH: "/bin", HOME: "/root" })).toEqual(readConfig({}));
  });

  it("reads what is set", () => {
    const config = readConfig({
      ...production,
      HOST: "0.0.0.0",
      PORT: "0",
      PUBLIC_URL: "https://tickets.example.org/",
      TRUST_PROXY: "10.0.0.0/8, ::1",
      CORS_ORIGINS: "https://shop.example.org",
      ROLES: "api, projector",
      ADMIN_EMAIL: "root@example.org",
      ADMIN_PASSWORD: "eight ch",
      PAYMENT_PROVIDER: "stripe",
      STRIPE_SECRET_KEY: "sk",
      STRIPE_WEBHOOK_SECRET: "whsec",
      RATE_LIMIT_PER_MINUTE: "0",
    });
    expect(config).toMatchObject({
      production: true,
      host: "0.0.0.0",
      port: 0,
      publicUrl: "https://tickets.example.org",
      trustProxy: ["10.0.0.0/8", "::1"],
      corsOrigins: ["https://shop.example.org"],
      roles: new Set(["api", "projector"]),
      admin: { email: "root@example.org", password: "eight ch" },
      payments: { provider: "stripe", secretKey: "sk", webhookSecret: "whsec" },
      mail: { smtpUrl: "smtp://mail.example.org:587", from: "tickets@example.org" },
      rateLimitPerMinute: 0,
    });
  });
});

const ESDB = "takes a URL such as esdb://user:password@host:2113,host:2113?tls=true";

describe("an event store", () => {
  it.each([
    "esdb://127.0.0.1:2113?tls=false",
    "esdb://one",
    "esdb://user:pass%40word@one.example.org:2113,two.example.org:2113,three:2113?tls=true&tlsCaFile=/etc/ca.crt",
    "esdb+discover://user:password@cluster.example.org:2113",
  ])("may be %s", (eventStoreUrl) => {
    expect(readConfig({ EVENTSTORE_URL: eventStoreUrl })).toMatchObject({ eventStoreUrl });
  });
});

describe("a wrong setting", () => {
  it.each([
    [{ PORT: "http" }, "PORT takes a whole number from 0 to 65535"],
    [{ PORT: "65536" }, "PORT takes a whole number from 0 to 65535"],
    [{ PORT: "-1" }, "PORT takes a whole number from 0 to 65535"],
    [{ PUBLIC_URL: "tickets.example.org" }, "PUBLIC_URL takes a URL such as https://tickets.example.org"],
    [{ TRUST_PROXY: "yes" }, "TRUST_PROXY takes addresses or CIDRs by commas, e.g. 10.0.0.0/8"],
    [{ TRUST_PROXY: "10.0.0.0/33" }, "TRUST_PROXY takes addresses or CIDRs by commas, e.g. 10.0.0.0/8"],
    [
      { CORS_ORIGINS: "https://a.org/path" },
      "CORS_ORIGINS takes origins by commas, e.g. https://shop.example.org, or *",
    ],
    [{ DATABASE_URL: "mysql://x" }, "DATABASE_URL takes a URL such as postgres://user:password@host:5432/database"],
    [{ EVENTSTORE_URL: "localhost" }, `EVENTSTORE_URL ${ESDB}`],
    [{ EVENTSTORE_URL: "http://localhost:2113" }, `EVENTSTORE_URL ${ESDB}`],
    [{ EVENTSTORE_URL: "esdb://one:2113,,two:2113?tls=true" }, `EVENTSTORE_URL ${ESDB}`],
    [{ EVENTSTORE_URL: "esdb://user@one:2113" }, `EVENTSTORE_URL ${ESDB}`],
    [{ REDIS_URL: "localhost" }, "REDIS_URL takes a URL such as redis://host:6379"],
    [{ ROLES: "api,web" }, "ROLES takes some of api, projector, processes, by commas"],
    [{ ROLES: "," }, "ROLES takes some of api, projector, processes, by commas"],
    [{ ADMIN_EMAIL: "root" }, "ADMIN_EMAIL takes an e-mail address"],
    [{ ADMIN_EMAIL: "root@a.org" }, "ADMIN_PASSWORD takes 8 to 200 characters when ADMIN_EMAIL is set"],
    [{ ADMIN_EMAIL: "root@a.org", ADMIN_PASSWORD: "short" }, "ADMIN_PASSWORD takes 8 to 200 characters"],
    [{ ADMIN_PASSWORD: "long enough" }, "ADMIN_EMAIL takes an e-mail address when ADMIN_PASSWORD is set"],
    [{ JWT_SECRET: " , " }, "JWT_SECRET takes 1 to 4 secrets by commas"],
    [{ JWT_SECRET: "a,b,c,d,e" }, "JWT_SECRET takes 1 to 4 secrets by commas"],
    [{ HOLD_TTL_SECONDS: "0" }, "HOLD_TTL_SECONDS takes a whole number from 1 to 86400"],
    [{ HOLD_TTL_SECONDS: "1.5" }, "HOLD_TTL_SECONDS takes a whole number from 1 to 86400"],
    [{ OFFER_TTL_SECONDS: "604801" }, "OFFER_TTL_SECONDS takes a whole number from 1 to 604800"],
    [{ PAYMENT_PROVIDER: "paypal" }, "PAYMENT_PROVIDER takes sandbox or stripe"],
    [{ PAYMENT_PROVIDER: "stripe" }, "STRIPE_SECRET_KEY takes Stripe's secret key when PAYMENT_PROVIDER=stripe"],
    [
      { PAYMENT_PROVIDER: "stripe", STRIPE_SECRET_KEY: "sk" },
      "STRIPE_WEBHOOK_SECRET takes Stripe's signing secret when PAYMENT_PROVIDER=stripe",
    ],
    [{ SMTP_URL: "mail.example.org" }, "SMTP_URL takes a URL such as smtp://user:password@host:587"],
    [{ SMTP_URL: "smtp://mail.example.org" }, "MAIL_FROM takes the sender's address when SMTP_URL is set"],
    [{ RATE_LIMIT_PER_MINUTE: "many" }, "RATE_LIMIT_PER_MINUTE takes a whole number from 0 to 1000000000"],
    [{ LOG_LEVEL: "loud" }, "LOG_LEVEL takes one of trace, debug, info, warn, error, fatal, silent"],
  ])("%o ends the start with one line", (variables, line) => {
    expect(() => readConfig(variables)).toThrow(new ConfigError(line));
  });

  it.each([
    ["JWT_SECRET", "", "JWT_SECRET takes at least 32 random characters when NODE_ENV=production"],
    ["JWT_SECRET", "short", "JWT_SECRET takes at least 32 random characters when NODE_ENV=production"],
    [
      "JWT_SECRET",
      `${production.JWT_SECRET}, short`,
      "JWT_SECRET takes at least 32 random characters when NODE_ENV=production",
    ],
    ["PAYMENT_PROVIDER", "", "PAYMENT_PROVIDER takes sandbox or stripe, and must be set when NODE_ENV=production"],
    ["SMTP_URL", "", "SMTP_URL takes a URL such as smtp://host:587, and must be set when NODE_ENV=production"],
  ])("in production: %s=%j", (name, value, line) => {
    expect(() => readConfig(production)).not.toThrow();
    expect(() => readConfig({ ...production, [name]: value })).toThrow(new ConfigError(line));
  });

  it("does not show secrets", () => {
    expect(() => readConfig({ ADMIN_EMAIL: "a@b.org", ADMIN_PASSWORD: "secret" })).not.toThrow(/secret/);
  });
});
