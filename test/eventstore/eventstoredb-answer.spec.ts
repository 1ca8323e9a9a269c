import shared from "@eventstore/db-client/generated/shared_pb.js";
import type { BatchAppendResp } from "@eventstore/db-client/generated/streams_pb.js";
import { describe, expect, it } from "vitest";
import { readAnswer } from "../../src/eventstore/eventstoredb/answer.ts";
import { answer, withError, withOutcome } from "../support/eventstoredb/messages.ts";

describe("what an answer of EventStoreDB to an append means", () => {
  it("a success names the last event's revision and position, or no position", () => {
    expect(read(withOutcome(fresh(), { kind: "success", revision: 4, position: 90n }))).toEqual({
      revision: 4,
      position: 90n,
    });
    expect(read(withOutcome(fresh(), { kind: "success", revision: 4, position: null })).position).toBeNull();
  });

  it("a refusal by revision names where the stream is", () => {
    expect(() => read(withOutcome(fresh(), { kind: "wrong-revision", actual: 7 }))).toThrow(
      expect.objectContaining({ name: "WrongExpectedRevision", stream: "spec-1", expected: 3, actual: 7 }),
    );
    expect(() => read(withOutcome(fresh(), { kind: "wrong-revision", actual: null }))).toThrow(
      expect.objectContaining({ actual: null }),
    );
  });

  it.each([
    ["MaximumAppendSizeExceeded", new shared.MaximumAppendSizeExceeded(), "InvalidAppend"],
    ["AccessDenied", new shared.AccessDenied(), "StoreUnavailable"],
    ["StreamDeleted", new shared.StreamDeleted(), "Error"],
    ["Timeout", new shared.Timeout(), "OutcomeUnknown"],
    ["Unknown", new shared.Unknown(), "OutcomeUnknown"],
    ["SomethingNew", new shared.Empty(), "OutcomeUnknown"],
  ])("%s", (kind, details, name) => {
    expect(() => read(withError(fresh(), "no", `event_store.client.${kind}`, details))).toThrow(
      expect.objectContaining({ name }),
    );
  });

  it.each([
    ["Server Is Not Ready", "StoreUnavailable"],
    ["Server Is Too Busy", "StoreUnavailable"],
    ["something else", "OutcomeUnknown"],
  ])("%s", (message, name) => {
    expect(() => read(withError(fresh(), message))).toThrow(expect.objectContaining({ name }));
  });
});

const fresh = (): BatchAppendResp => answer(new shared.UUID().setString("a"), "spec-1");
const read = (response: BatchAppendResp): ReturnType<typeof readAnswer> => readAnswer(response, "spec-1", 3);
