import { z } from "zod";
import { ROLES } from "../../accounts/roles.ts";
import { id, idParam, text, time } from "../conventions/fields.ts";
import { listQuery } from "../conventions/lists.ts";

export const email = z
  .email("takes an e-mail address")
  .max(254)
  .meta({ examples: ["ada@example.org"] });
/** A new password. Signing in takes any text, so that what is wrong with a password isn't told there. */
export const newPassword = z
  .string()
  .min(8)
  .max(200)
  .meta({ examples: ["a long sentence"] });
const name = text(1, 200).meta({ examples: ["Ada Lovelace"] });
const roles = z.array(z.enum(ROLES));

export const registration = z.strictObject({ email, password: newPassword, name });
export const credentials = z
  .strictObject({ email, password: z.string().min(1).max(200) })
  .meta({ examples: [{ email: "ada@example.org", password: "a long sentence" }] });
export const guestSession = z
  .strictObject({ email: email.optional() })
  .meta({ examples: [{}, { email: "ada@example.org" }] })
  .optional();
export const profileChanges = z.strictObject({ name });
export const newRoles = z.strictObject({
  roles: roles.max(ROLES.length).meta({ examples: [["customer", "auditor"]] }),
});
export const accountsQuery = z.strictObject({
  ...listQuery,
  q: text(1, 200).optional().meta({ description: "Part of an e-mail or a name, or an account id" }),
  role: z.enum(ROLES).optional(),
});
export const accountPath = z.strictObject({ accountId: idParam("account-not-found") });

export const account = z
  .strictObject({
    accountId: id,
    email: z.string().nullable().meta({ description: "null for guests who gave none" }),
    name: z.string().nullable(),
    roles,
    guest: z.boolean(),
    suspended: z.boolean(),
    createdAt: time,
  })
  .meta({ id: "Account" });

export const session = z
  .strictObject({
    token: z.string().meta({ description: "For `Authorization: Bearer`" }),
    expiresAt: time,
    accountId: id,
    roles,
  })
  .meta({ id: "Session" });
