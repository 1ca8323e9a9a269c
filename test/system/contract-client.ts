import { POLICY } from "../../src/api/security/policy.ts";
import { ContractBroken, contractOf, pagesOf } from "../api/contract/keeping.ts";
import type { OpenApi } from "../api/openapi-document.ts";
import type { HttpClient } from "./http-client.ts";

/**
 * A client that holds every reply of a running server against the server's own OpenAPI document: there replies are not
 * checked by their schemas before they go out, as they are in the API's specs. It fails at the call, and once more when
 * it is closed, should somebody have taken the failure for one of the connection.
 */
export async function keepingContract(client: HttpClient): Promise<HttpClient> {
  const document = (await client.call("GET", "/openapi.json")).body as OpenApi;
  const contract = contractOf(document, pagesOf(POLICY, document));
  const broken: string[] = [];
  return {
    async call(method, path, call) {
      const reply = await client.call(method, path, call);
      const { status: statusCode, headers } = reply;
      const body = reply.body === null ? "" : JSON.stringify(reply.body);
      const wrong = contract.brokenBy(method, path, { statusCode, headers, body });
      if (wrong === null) return reply;
      broken.push(`${method} ${path}: ${wrong}\n${statusCode} ${body.slice(0, 2_000)}`);
      throw new ContractBroken(broken.at(-1));
    },
    close() {
      client.close();
      if (broken.length > 0) throw new ContractBroken(broken.join("\n\n"));
    },
  };
}
