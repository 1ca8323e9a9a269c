import { z } from "zod";
import { MAX_TICKETS } from "../../domain/booking.ts";
import { id, money, time } from "../conventions/fields.ts";
import { listQuery } from "../conventions/lists.ts";
import { pricedFields } from "../conventions/seats.ts";

export const BOOKING_STATUSES = ["PENDING_PAYMENT", "PAID", "DECLINED", "TIMED_OUT", "CANCELLED"] as const;
export const PAYMENT_STATUSES = [
  "NOT_STARTED",
  "PENDING",
  "REQUIRES_ACTION",
  "SUCCEEDED",
  "FAILED",
  "VOIDED",
  "PARTIALLY_REFUNDED",
  "REFUNDED",
] as const;

/** Reservations that are bought at once. */
const MAX_RESERVATIONS = 50;

const amount = z
  .strictObject({ amount: z.int().min(0).meta({ description: "In minor units, e.g. cents" }), currency: z.string() })
  .meta({ id: "Amount", examples: [{ amount: 9000, currency: "EUR" }] });

const payment = z.strictObject({
  method: z.string().min(1).max(255).meta({ description: "What the payment provider calls it" }),
});

/** What `POST /purchases` takes: reservations, or a cart; or the one reservation that earlier systems call a booking. */
export const newPurchase = z
  .strictObject({
    reservationIds: z
      .array(z.string().toLowerCase())
      .min(1)
      .max(MAX_RESERVATIONS)
      .refine((ids) => new Set(ids).size === ids.length, "names one twice")
      .optional(),
    cartId: z.string().toLowerCase().optional(),
    payment: payment.optional(),
    bookingId: z
      .string()
      .toLowerCase()
      .optional()
      .meta({ description: "As earlier systems have it, instead of all above: what `POST /events/reserve` gave" }),
    paymentDetails: payment.optional().meta({ description: "With `bookingId`, instead of `payment`" }),
  })
  .superRefine(({ reservationIds, cartId, payment, bookingId, paymentDetails }, context) => {
    const refuse = (field: string, message: string) => context.addIssue({ code: "custom", path: [field], message });
    if (bookingId === undefined) {
      if ((reservationIds === undefined) === (cartId === undefined)) {
        refuse("reservationIds", "takes either reservationIds or cartId");
      }
      if (paymentDetails !== undefined) refuse("paymentDetails", "belongs to bookingId; take payment");
    } else {
      for (const [field, value] of Object.entries({ reservationIds, cartId, payment })) {
        if (value !== undefined) refuse(field, "does not go with bookingId");
      }
    }
  })
  .meta({
    id: "NewPurchase",
    examples: [
      { reservationIds: ["0b9fbd54-6a0f-8d0f-9a9b-0d5f5b1f2f11"], payment: { method: "sandbox-ok" } },
      { cartId: "0b9fbd54-6a0f-8d0f-9a9b-0d5f5b1f2f12", payment: { method: "sandbox-ok" } },
      { bookingId: "0b9fbd54-6a0f-8d0f-9a9b-0d5f5b1f2f11", paymentDetails: { method: "sandbox-ok" } },
    ],
  });

const line = z
  .strictObject({
    reservationId: z.string(),
    eventId: z.string(),
    ticketTypeId: z.string(),
    quantity: z.int(),
    ...pricedFields,
  })
  .meta({ id: "BookingLine" });

const ticket = z
  .strictObject({
    ticketId: z.string(),
    code: z.string().meta({ description: "What proves the ticket; it can't be guessed" }),
    ticketTypeId: z.string(),
    seat: z.string().optional().meta({ description: "Where tickets are numbered seats" }),
    status: z.enum(["VALID", "CANCELLED"]),
  })
  .meta({ id: "Ticket" });

/** A booking, wherever one is answered. */
export const booking = z
  .strictObject({
    bookingId: z.string(),
    accountId: z.string(),
    eventIds: z.array(z.string()),
    status: z.enum(BOOKING_STATUSES),
    lines: z.array(line),
    total: amount,
    createdAt: time,
    expiresAt: time.meta({ description: "Until when it may be paid" }),
    cancelledAt: time.nullable(),
    payment: z.strictObject({
      status: z.enum(PAYMENT_STATUSES),
      clientSecret: z
        .string()
        .optional()
        .meta({ description: "For the buyer's browser, while the payment needs something of him" }),
    }),
    refunds: z.array(
      z
        .strictObject({ refundId: z.string(), amount, status: z.enum(["PENDING", "SUCCEEDED"]), at: time })
        .meta({ id: "Refund" }),
    ),
    tickets: z.array(ticket).meta({ description: "Once it is paid" }),
  })
  .meta({
    id: "Booking",
    examples: [
      {
        bookingId: "0b9fbd54-6a0f-8d0f-9a9b-0d5f5b1f2f14",
        accountId: "0b9fbd54-6a0f-8d0f-9a9b-0d5f5b1f2f15",
        eventIds: ["0b9fbd54-6a0f-8d0f-9a9b-0d5f5b1f2f16"],
        status: "PAID",
        lines: [
          {
            reservationId: "0b9fbd54-6a0f-8d0f-9a9b-0d5f5b1f2f11",
            eventId: "0b9fbd54-6a0f-8d0f-9a9b-0d5f5b1f2f16",
            ticketTypeId: "0b9fbd54-6a0f-8d0f-9a9b-0d5f5b1f2f17",
            quantity: 1,
            unitPrice: { amount: 9000, currency: "EUR" },
            total: { amount: 9000, currency: "EUR" },
          },
        ],
        total: { amount: 9000, currency: "EUR" },
        createdAt: "2026-12-24T18:00:00.000Z",
        expiresAt: "2026-12-24T18:15:00.000Z",
        cancelledAt: null,
        payment: { status: "SUCCEEDED" },
        refunds: [],
        tickets: [
          {
            ticketId: "0b9fbd54-6a0f-8d0f-9a9b-0d5f5b1f2f13",
            code: "5Q0ZJ6T3W8KPM2H9XV4C",
            ticketTypeId: "0b9fbd54-6a0f-8d0f-9a9b-0d5f5b1f2f17",
            status: "VALID",
          },
        ],
      },
    ],
  });

export type BookingView = z.input<typeof booking>;

export const bookingsQuery = z.strictObject({ ...listQuery, status: z.enum(BOOKING_STATUSES).optional() });

const ticketIds = z.array(id).min(1).max(MAX_TICKETS).optional().meta({ description: "All valid ones when left out" });

export const quoteWish = z
  .strictObject({ ticketIds })
  .meta({ id: "RefundQuoteWish", examples: [{}, { ticketIds: ["0b9fbd54-6a0f-8d0f-9a9b-0d5f5b1f2f13"] }] })
  .optional();

export const quote = z
  .strictObject({
    tickets: z.array(z.strictObject({ ticketId: z.string(), amount })),
    total: amount.meta({ description: "May be less than the sum, where other refunds have left less" }),
    validUntil: time.nullable().meta({ description: "null: it does not change with time" }),
  })
  .meta({ id: "RefundQuote" });

export const cancellation = z
  .strictObject({
    ticketIds,
    expectedTotal: money
      .optional()
      .meta({ description: "The quote's total: if it would be another one by now, nothing is cancelled" }),
  })
  .meta({ id: "BookingCancellation", examples: [{}, { expectedTotal: { amount: 9000, currency: "EUR" } }] })
  .optional();

export const goodwill = z
  .strictObject({ amount: money.extend({ amount: z.int().min(1).max(1_000_000_000_000) }) })
  .meta({ id: "NewRefund", examples: [{ amount: { amount: 500, currency: "EUR" } }] });
