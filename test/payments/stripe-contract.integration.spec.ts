import { stripeProvider } from "../../src/payments/stripe/provider.ts";
import { startStripe } from "../support/stripe/server.ts";
import { contractOfProvider } from "./contract.ts";

contractOfProvider("Stripe", async () => {
  const stripe = await startStripe();
  const { api, secretKey, webhookSecret } = stripe;
  const provider = stripeProvider({ api, secretKey, webhookSecret, retries: 0 });
  return {
    provider,
    methods: {
      authorizes: "pm_card_visa",
      declines: "pm_card_visa_chargeDeclinedInsufficientFunds",
      pends: "pm_slow",
      asksTheBuyer: "pm_card_threeDSecure2Required",
      foreign: "sandbox-ok",
    },
    async close() {
      await provider.close();
      await stripe.close();
    },
  };
});
