import { freePort } from "../../../src/embedded/free-port.ts";
import { keepingContract } from "../contract-client.ts";
import { createHttpClient, type HttpClient } from "../http-client.ts";
import { type Product, type ProductSettings, startProduct } from "../product.ts";

/** A node of the product that may be killed and started again, on the same port. */
export class RestartableNode {
  readonly #settings: ProductSettings & { readonly port: number };
  readonly client: HttpClient;
  #product: Product;

  private constructor(settings: ProductSettings & { readonly port: number }, product: Product, client: HttpClient) {
    this.#settings = settings;
    this.#product = product;
    this.client = client;
  }

  static async start(settings: ProductSettings, connections: number): Promise<RestartableNode> {
    const kept = { ...settings, port: await freePort(undefined) };
    const product = await startProduct(kept);
    return new RestartableNode(kept, product, await keepingContract(createHttpClient(product.port, connections)));
  }

  get port(): number {
    return this.#settings.port;
  }

  get pid(): number {
    return this.#product.pid;
  }

  /** What it said last, for a failure's message. */
  output(): string {
    return this.#product.output();
  }

  /** `kill -9`; resolves when it is gone. */
  async kill(): Promise<void> {
    this.#product.kill("SIGKILL");
    await this.#product.ended;
  }

  /** @param nodeOptions of this start only */
  async start(nodeOptions: readonly string[] = []): Promise<void> {
    this.#product = await startProduct({ ...this.#settings, nodeOptions });
  }

  /** Ends in order. */
  async end(): Promise<void> {
    await this.#product.stop(30_000);
  }

  async stop(): Promise<void> {
    this.client.close();
    await this.end();
  }
}
