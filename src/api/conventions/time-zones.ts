/** Whether it is a time zone by its IANA name, as this machine knows them; or an offset, which is one, too. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
