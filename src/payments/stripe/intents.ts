import type Stripe from "stripe";
import { remembering } from "../../remembering.ts";
import { attemptOf, WITH_REFUNDS } from "./charges.ts";
import { isUnknownToStripe } from "./failures.ts";

/** How far Stripe says that its search may be behind, at worst. */
const SEARCH_MAY_LAG_S = 3_600;
/** The latest intents that are looked through for one that the search does not have yet. */
const LOOKED_THROUGH = 500;
const REMEMBERED = 10_000;

/** Finds the PaymentIntent of an attempt. */
export interface Intents {
  /** That this attempt became this intent, so that it need not be searched for. */
  remember(attemptId: string, intentId: string): void;
  /** As it is now, with its latest refunds; null when there is none with this id. */
  get(intentId: string): Promise<Stripe.PaymentIntent | null>;
  /**
   * As it is now, with its latest refunds. By its id where that is known or remembered; else by Stripe's search, which
   * is a minute behind, in bad times an hour; what it may not have yet is looked for among the latest intents, as many
   * as can be looked through in a few requests. So null is no proof that there is none.
   */
  find(attemptId: string, intentId?: string | null): Promise<Stripe.PaymentIntent | null>;
}

export function intents(stripe: Stripe, nowMs: () => number): Intents {
  const remembered = remembering<string>(REMEMBERED);

  const get = async (intentId: string): Promise<Stripe.PaymentIntent | null> => {
    try {
      return await stripe.paymentIntents.retrieve(intentId, { expand: [WITH_REFUNDS] });
    } catch (error) {
      if (isUnknownToStripe(error)) return null;
      throw error;
    }
  };

  const search = async (attemptId: string): Promise<string | null> => {
    const query = `metadata['attemptId']:'${attemptId.replaceAll(/['"\\]/g, "\\$&")}'`;
    const { data } = await stripe.paymentIntents.search({ query, limit: 1 });
    return data[0]?.id ?? null;
  };

  const lookThroughLatest = async (attemptId: string): Promise<string | null> => {
    const created = { gte: Math.floor(nowMs() / 1_000) - SEARCH_MAY_LAG_S };
    let seen = 0;
    for await (const intent of stripe.paymentIntents.list({ created, limit: 100 })) {
      if (attemptOf(intent) === attemptId) return intent.id;
      seen += 1;
      if (seen >= LOOKED_THROUGH) break;
    }
    return null;
  };

  return {
    remember: (attemptId, intentId) => remembered.set(attemptId, intentId),
    get,
    async find(attemptId, intentId) {
      const known = intentId || remembered.get(attemptId);
      const intent = known === undefined ? null : await get(known);
      if (intent !== null && attemptOf(intent) === attemptId) return intent;
      const found = (await search(attemptId)) ?? (await lookThroughLatest(attemptId));
      if (found === null) return null;
      remembered.set(attemptId, found);
      return get(found);
    },
  };
}
