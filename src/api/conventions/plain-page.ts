/** A page that the server writes itself: a text in a column, without scripts or styles of the pages for buyers. */
export interface PlainPage {
  /** As text. */
  readonly title: string;
  readonly widthRem: number;
  /** CSS beside the column's. */
  readonly style?: string;
  /** What `<body>` has, as HTML. */
  readonly body: string;
}

export const plainPage = ({ title, widthRem, style = "", body }: PlainPage): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:${widthRem}rem;margin:3rem auto;padding:0 1rem}
${style}</style></head>
<body>${body}</body></html>
`;

/** A text as HTML, also within an attribute. */
export const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
