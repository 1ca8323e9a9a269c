/** What an account may do beyond its own things; everybody is a `customer`. */
export const ROLES = ["customer", "auditor", "analyst", "admin"] as const;

export type Role = (typeof ROLES)[number];
