import { describe, expect, it } from "vitest";
import { StartError } from "../../src/embedded/start-error.ts";
import { StoreUnavailable } from "../../src/eventstore/port.ts";
import { startFailure } from "../../src/node/start-failure.ts";

const withCode = (code: string, message = "said so"): Error => Object.assign(new Error(message), { code });

describe("a start that fails", () => {
  it.each([
    ["nobody listens there", withCode("ECONNREFUSED", "connect ECONNREFUSED 127.0.0.1:5432")],
    ["the connection is cut in the middle", new Error("Connection terminated unexpectedly")],
    ["the server is shut down in the middle", withCode("57P01", "terminating connection due to administrator command")],
    ["the server has no connection left", withCode("53300", "sorry, too many clients already")],
    ["the server's disk is full", withCode("53100", "could not write init file: No space left on device")],
    ["the password is another", withCode("28P01", "password authentication failed")],
    ["there is no such database", withCode("3D000", 'database "x" does not exist')],
  ])("says in one line that the database can't be reached when %s", (_, error) => {
    const failure = startFailure(error) as Error;
    expect(failure).toBeInstanceOf(StartError);
    expect(failure.message).toBe(`DATABASE_URL: the database can't be reached: ${error.message}`);
  });

  it("names the event store where it is that", () => {
    const failure = startFailure(new StoreUnavailable("gone")) as Error;
    expect(failure.message).toBe("The event store can't be reached: gone");
  });

  it("tells all there is of what is a fault of ours", () => {
    const fault = new TypeError("x is not a function");
    expect(startFailure(fault)).toBe(fault);
  });
});
