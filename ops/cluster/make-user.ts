/**
 * Makes the user that Boxoffice works as, once, on a new cluster: it may append, read and follow, and is no administrator.
 *
 *     ADMIN_URL='esdb://admin:...@host:2113?tls=true&tlsCaFile=...' NEW_PASSWORD=... node ops/cluster/make-user.ts [boxoffice]
 *
 * Only administrators may read the log of all streams unless its access list says otherwise; this sets that list. Run
 * again with the same password it changes nothing.
 */
import { EventStoreDBClient } from "@eventstore/db-client";

const { ADMIN_URL: adminUrl = "", NEW_PASSWORD: password = "" } = process.env;
const [, , user = "boxoffice"] = process.argv;
if (adminUrl === "" || password === "") {
  console.error(
    "ADMIN_URL has to name the cluster with an administrator's name and password, NEW_PASSWORD the new user's",
  );
  process.exit(1);
}

/** Users are made over the server's HTTP API; the client has it for its own use only. */
interface ClientInternals {
  readonly HTTPRequest: (method: string, path: string, options: HttpOptions, body?: string) => Promise<unknown>;
}
interface HttpOptions {
  readonly transformError: (status: number, text: string) => Error;
}

const body = JSON.stringify({ loginName: user, fullName: user, groups: [], password });
const transformError = (status: number, text: string): Error => new Error(`the server answered ${status} ${text}`);
try {
  const client = EventStoreDBClient.connectionString(adminUrl);
  await (client as unknown as ClientInternals).HTTPRequest("POST", "/users/", { transformError }, body);
  await client.setStreamMetadata("$all", { acl: { readRoles: ["$admins", user] } });
  console.log(`${user} is made, and may read the log of all streams`);
  process.exit(0); // the connection would stay open
} catch (error) {
  console.error(`${user} can't be made: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
}
