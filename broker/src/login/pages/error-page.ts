import { type PageTenant, type RenderedPage, renderPage, usableLink } from '../../http/page.ts';
import { type Html, html } from '../../http/page-html.ts';

export type ErrorPage = {
  readonly heading: string;
  /** What happened. */
  readonly message: string;
  /** What the person can do now; without an action it says that the window can be closed, or where to go. */
  readonly advice: string;
  /** A web address that is proven to be the application's; anything else is left out. */
  readonly action?: { readonly label: string; readonly href: string } | undefined;
  readonly code: string;
  readonly traceId: string;
  readonly tenant: PageTenant;
  readonly clientName?: string | undefined;
  /** What the developer reads after the code, where it is more than the message. */
  readonly details?: string | undefined;
  /** The attempt in the dashboard. */
  readonly attemptHref?: string | undefined;
};

/** What happened, what the person can do now, and a foldable part for the application's developer. */
export function renderErrorPage(page: ErrorPage): RenderedPage {
  return renderPage({
    title: page.heading,
    supportUrl: page.tenant.supportUrl,
    main: html`${renderClient(page.clientName)}<h1>${page.heading}</h1><p>${page.message}</p>${renderAdvice(page)}${renderDeveloperPart(page)}`,
  });
}

const renderClient = (clientName: string | undefined): Html | undefined =>
  clientName === undefined ? undefined : html`<p class="soft small">Signing in to <bdi>${clientName}</bdi></p>`;

function renderAdvice({ advice, action }: ErrorPage): Html {
  const href = usableLink(action?.href);
  if (action === undefined || href === undefined) return html`<p>${advice}</p>`;
  return html`<p>${advice}</p><a class="button" href="${href}">${action.label}</a>`;
}

function renderDeveloperPart({ code, details, message, traceId, attemptHref }: ErrorPage): Html {
  const href = usableLink(attemptHref);
  const attempt =
    href === undefined ? undefined : html`<dt>Attempt</dt><dd><a href="${href}">Open the attempt</a></dd>`;
  return html`<details><summary>For the developer of the application</summary><dl><dt>Error</dt><dd><code>${code}: ${details ?? message}</code></dd><dt>Trace ID</dt><dd><code>${traceId}</code></dd>${attempt}</dl></details>`;
}
