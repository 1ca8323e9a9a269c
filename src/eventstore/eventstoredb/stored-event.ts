import type { StoredEvent } from "../port.ts";
import { type RecordedEvent, text, uuidText } from "./protocol.ts";

/**
 * An event as the server sent it. The position is its commit position: alone it is unique and grows along the log,
 * because Boxoffice never uses the old explicit transactions, the only case where several events share one.
 */
export function storedEvent(event: RecordedEvent): StoredEvent {
  return {
    stream: text(event.getStreamIdentifier()?.getStreamName_asU8() ?? new Uint8Array()),
    revision: Number(event.getStreamRevision()),
    position: BigInt(event.getCommitPosition()),
    id: uuidText(event.getId()),
    type: event.getMetadataMap().get("type") ?? "",
    data: text(event.getData_asU8()),
    metadata: text(event.getCustomMetadata_asU8()),
  };
}
