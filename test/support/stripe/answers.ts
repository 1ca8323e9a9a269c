/** What the stand-in answers: a status and a body that is sent as JSON. */
export interface Answer {
  readonly status: number;
  readonly body: object;
}

export const ok = (body: object): Answer => ({ status: 200, body });

export interface ErrorDetails {
  readonly type?: string;
  readonly code?: string;
  readonly decline_code?: string;
  readonly message?: string;
  readonly param?: string;
  readonly payment_intent?: object;
}

/** An error as Stripe words it (docs.stripe.com/api/errors). */
export function failure(status: number, details: ErrorDetails): Answer {
  return { status, body: { error: { type: "invalid_request_error", message: details.code ?? "refused", ...details } } };
}

export const unknownParameter = (param: string): Answer => failure(400, { code: "parameter_unknown", param });
export const missing = (what: string): Answer => failure(404, { code: "resource_missing", message: `No such ${what}` });
