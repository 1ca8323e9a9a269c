import type { ListingDetails } from "../../domain/listing-events.ts";
import { storableText } from "../storable.ts";
import { placeKey, wordsOf } from "./words.ts";

/** More of a text tell nobody more about the event. */
const MOST_WORDS = 100;
/** Times beyond these count as these: Postgres does not know all that RFC 3339 does. */
const EARLIEST_MS = Date.parse("0001-01-01T00:00:00Z");
const LATEST_MS = Date.parse("9999-12-31T23:59:59.999Z");

/** What is kept for the search of what an organizer said: columns, of which only those are there that were said. */
export interface SearchParts {
  readonly starts_at?: string | null;
  readonly ends_at?: string | null;
  readonly city?: string | null;
  readonly city_key?: string | null;
  readonly name_words?: string;
  readonly people_words?: string;
  readonly place_words?: string;
  readonly about_words?: string;
}

/** Parts of the search's row, and the words in them that were not known of before. */
export interface Said {
  readonly parts: SearchParts;
  /** Each once. */
  readonly words: ReadonlySet<string>;
}

/** What the search keeps of details, or of those that changed. */
export function saidIn(details: Partial<ListingDetails>): Said {
  const words = new Set<string>();
  const lexemes = (text: string): string => {
    const found = wordsOf(storableText(text), MOST_WORDS);
    for (const word of found) words.add(word);
    return found.map((word) => `'${word}'`).join(" ");
  };
  const { name, performers, venue, description, startsAt, endsAt } = details;
  const parts = {
    ...(startsAt !== undefined && { starts_at: storableTime(startsAt) }),
    ...(endsAt !== undefined && { ends_at: storableTime(endsAt) }),
    ...(name !== undefined && { name_words: lexemes(name) }),
    ...(performers !== undefined && { people_words: lexemes(performers.map((one) => one.name).join("\n")) }),
    ...(venue !== undefined && {
      city: venue?.city == null ? null : storableText(venue.city),
      city_key: placeKey(storableText(venue?.city ?? "")) || null,
      place_words: lexemes(
        [venue?.name, venue?.city, venue?.country, venue?.address].filter((text) => text != null).join("\n"),
      ),
    }),
    ...(description !== undefined && { about_words: lexemes(description ?? "") }),
  };
  return { parts, words };
}

function storableTime(time: string | null): string | null {
  const ms = time === null ? Number.NaN : Date.parse(time);
  return Number.isNaN(ms) ? null : new Date(Math.min(Math.max(ms, EARLIEST_MS), LATEST_MS)).toISOString();
}
