import { html } from './page-html.ts';

/** Portico's mark: three columns under one roof, the middle one lit. The colours are the page's. */
export const mark = html`<svg viewBox="0 0 48 48" width="20" height="20" aria-hidden="true"><g class="stone"><path d="M24 5 44 16.5V20H4v-3.5z"/><rect x="8" y="22.5" width="6" height="15.5" rx="1.2"/><rect x="34" y="22.5" width="6" height="15.5" rx="1.2"/><rect x="4" y="40" width="40" height="4" rx="1.2"/></g><rect class="lit" x="21" y="22.5" width="6" height="15.5" rx="1.2"/></svg>`;

const favicon = mark.markup
  .replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" ')
  .replace(
    '<g ',
    '<style>.stone{fill:#2f4bce}.lit{fill:#c98a2b}@media(prefers-color-scheme:dark){.stone{fill:#93a5ff}.lit{fill:#e3ae5d}}</style><g ',
  );

/** Inline, so that the browser does not ask for /favicon.ico. Escaped as far as an address needs it: it is in every page. */
export const faviconHref = `data:image/svg+xml,${favicon.replace(/[<>"#%]/g, encodeURIComponent)}`;
