import { openTcpProxy, type TcpProxy } from "../../support/tcp-proxy.ts";

/** A way by which one party reaches another, through a proxy that can break it. */
export interface Link {
  readonly from: string;
  readonly to: string;
  readonly proxy: TcpProxy;
  /** Something is wrong with it just now; it is one thing at a time. */
  isBroken: boolean;
}

const EVENT_STORE_PORT = 2113;

/** The ways of a town. */
export class Links {
  readonly all: Link[] = [];

  /** @returns the port of the proxy, on 127.0.0.1 */
  async open(from: string, to: string, target: { readonly host: string; readonly port: number }): Promise<number> {
    const proxy = await openTcpProxy(target);
    this.all.push({ from, to, proxy, isBroken: false });
    return proxy.port;
  }

  /** The same address by way of a proxy. */
  async through(from: string, to: string, url: string): Promise<string> {
    const way = new URL(url);
    way.port = String(await this.open(from, to, { host: way.hostname, port: Number(way.port || EVENT_STORE_PORT) }));
    way.hostname = "127.0.0.1";
    return way.href;
  }

  async close(): Promise<void> {
    for (const { proxy } of this.all.splice(0)) await proxy.close();
  }
}
