import { type PaymentProvider, ProviderUnavailable } from "../../src/payments/port.ts";
import type { ScriptedProvider } from "../support/scripted-provider.ts";
import type { Host } from "./host.ts";
import { roundTrip, type Weather } from "./network.ts";

/** How likely, of one call, nothing is done, and its answer is lost. */
export interface ProviderFaults {
  readonly away: number;
  readonly answerLost: number;
}

export const NO_PROVIDER_FAULTS: ProviderFaults = { away: 0, answerLost: 0 };

/** The payment provider as one process reaches it. */
export function providerLink(
  host: Host,
  provider: ScriptedProvider,
  weather: () => Weather,
  faults: () => ProviderFaults,
): PaymentProvider {
  const through = async <Value>(what: string, call: () => Promise<Value>): Promise<Value> => {
    const fate = host.chance.next();
    const { away, answerLost } = faults();
    return roundTrip(host, weather(), what, async () => {
      if (fate < away) throw new ProviderUnavailable("simulated: away");
      const value = await call();
      if (fate < away + answerLost) throw new ProviderUnavailable("simulated: the answer was lost");
      return value;
    });
  };
  return {
    name: provider.name,
    accepts: (method) => provider.accepts(method),
    authorize: (request) => through(`authorize ${request.attemptId}`, () => provider.authorize(request)),
    capture: (charge) => through(`capture ${charge.attemptId}`, () => provider.capture(charge)),
    void: (charge) => through(`void ${charge.attemptId}`, () => provider.void(charge)),
    refund: (request) => through(`refund ${request.refundId}`, () => provider.refund(request)),
    lookUp: (attemptId, chargeId) => through(`look up ${attemptId}`, () => provider.lookUp(attemptId, chargeId)),
    chargesSince: () => provider.chargesSince(),
    webhook: () => null,
    close: async () => {},
  };
}
