import { type RenderedPage, renderPage, usableLink } from '../../http/page.ts';
import type { PageFrame } from '../../http/page-frame.ts';
import { type Html, html } from '../../http/page-html.ts';
import { say, sayPlain } from '../../http/words/say.ts';
import type { ErrorKind } from '../../http/words/words.ts';

export type ErrorPage = {
  readonly frame: PageFrame;
  /** What happened and what the person can do now, in the catalogue. */
  readonly kind: ErrorKind;
  /** Where the sign-in can start again: an address that the tenant or the application's own settings name. */
  readonly backHref?: string | undefined;
  readonly clientName?: string | undefined;
  /** For the developer: the code and text that an application would have got. */
  readonly code: string;
  readonly message: string;
  readonly traceId: string;
};

/** What happened, what the person can do now, and a foldable part for the application's developer. */
export function renderErrorPage(page: ErrorPage): RenderedPage {
  const { heading, message, advice } = page.frame.language.words.errors[page.kind];
  return renderPage({
    frame: page.frame,
    title: heading,
    main: html`${renderClient(page)}<h1>${heading}</h1><p>${message}</p><p>${advice}</p>${renderBack(page)}${renderDeveloperPart(page)}`,
  });
}

function renderClient({ frame, kind, clientName }: ErrorPage): Html | undefined {
  if (clientName === undefined || kind === 'signOut') return undefined;
  return html`<p class="soft small">${say(frame.language.words.signingInTo, { client: clientName })}</p>`;
}

function renderBack({ frame, backHref, clientName }: ErrorPage): Html | undefined {
  const href = usableLink(backHref);
  if (href === undefined) return undefined;
  const { words } = frame.language;
  const label = clientName === undefined ? words.backToApplication : sayPlain(words.backTo, { client: clientName });
  return html`<a class="button" href="${href}">${label}</a>`;
}

function renderDeveloperPart({ frame, code, message, traceId }: ErrorPage): Html {
  const { words } = frame.language;
  return html`<details><summary>${words.forDeveloper}</summary><dl><dt>${words.error}</dt><dd><code>${code}: ${message}</code></dd><dt>${words.traceId}</dt><dd><code>${traceId}</code></dd></dl></details>`;
}
