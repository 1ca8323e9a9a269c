import type { PurchaseWish } from "../../commands/purchases.ts";
import type { PaymentProvider } from "../../payments/port.ts";
import { invalid } from "../problems/problem.ts";

/**
 * How a purchase is to be paid; null where the request says nothing.
 * @param path where the request says it
 * @throws Problem `invalid`: no method of the provider
 */
export function paymentWish(
  payment: { readonly method: string } | undefined,
  provider: Pick<PaymentProvider, "name" | "accepts">,
  path: "/payment" | "/paymentDetails",
): PurchaseWish["payment"] {
  if (payment === undefined) return null;
  if (!provider.accepts(payment.method)) {
    throw invalid("body", `${path}/method`, "takes a method of the payment provider");
  }
  return { provider: provider.name, method: payment.method };
}
