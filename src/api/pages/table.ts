/** A page of our own: HTML that is the same for everybody; what it shows, its scripts ask the API for. */
interface PageOfOurs {
  readonly url: `/pages/${string}`;
  /** In `src/pages`. What it refers to is relative, from its address: a proxy may have a path before all of ours. */
  readonly file: `${string}.html`;
}

/** The pages that there are; whatever scripts, styles and pictures `src/pages` has are served beside them. */
export const PAGES: readonly PageOfOurs[] = [
  { url: "/pages/events", file: "events/events.html" },
  { url: "/pages/events/:eventId", file: "tickets/tickets.html" },
  { url: "/pages/events/:eventId/waiting-room", file: "waiting-room/waiting-room.html" },
  { url: "/pages/dashboard", file: "dashboard/dashboard.html" },
];
