const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether an id from outside could be one of ours; Postgres refuses to compare a uuid with anything else. */
export const isUuid = (id: string): boolean => UUID.test(id);
