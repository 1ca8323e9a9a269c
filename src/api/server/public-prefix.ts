import type { Api } from "../conventions/route-config.ts";

/**
 * Where `PUBLIC_URL` has a path, a proxy takes it off before requests come here, and `Location` gets it back: a reference
 * such as `/events/1` is resolved by clients against the address that they asked.
 */
export function prefixLocations(api: Api, publicUrl: string | null): void {
  const prefix = publicUrl === null ? "" : new URL(publicUrl).pathname.replace(/(?<!\/)\/+$/, "");
  if (prefix === "") return;
  api.addHook("onSend", (_request, reply, payload, done) => {
    const location = reply.getHeader("location");
    if (typeof location === "string" && location.startsWith("/")) reply.header("location", prefix + location);
    done(null, payload);
  });
}
