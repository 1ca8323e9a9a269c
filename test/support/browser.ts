import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** Where Linux distributions and macOS put it; CHROMIUM names another. */
const PLACES = [
  process.env.CHROMIUM ?? "",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** The browser that this machine has; undefined: none. */
export const browserHere = (): string | undefined => PLACES.find((place) => place !== "" && existsSync(place));

export const NO_BROWSER = "there is no Chromium on this machine (CHROMIUM may name one)";

/** So long a page is waited for: what it shows is asked, and not how busy the machine is. */
export const PAGE_WITHIN_MS = 90_000;

/** A browser without a window. Nothing is downloaded. @param executablePath from {@link browserHere} */
export const startBrowser = (executablePath: string): Promise<Browser> =>
  chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
