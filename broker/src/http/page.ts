import { faviconHref, mark } from './brand-mark.ts';
import { cspHash, type PageScript } from './page-csp.ts';
import type { PageFrame } from './page-frame.ts';
import { type Html, html } from './page-html.ts';
import { usableImage } from './page-icon.ts';
import { pageStyle } from './page-style.ts';
import { themeOf } from './page-theme.ts';

/*
 * The shell of every hosted page: one request, no outside style, font or script, works without JavaScript.
 * Pages are pure functions from a model to { html, headers }; the route adds the status and sends both unchanged.
 * There is no Cross-Origin-Opener-Policy: it would cut the popup that an application opened off from its opener.
 */
export type Page = {
  readonly frame: PageFrame;
  readonly title: string;
  readonly main: Html;
  /** Elements of the head, such as a refresh. */
  readonly head?: Html;
  readonly script?: PageScript;
  /** Every picture the page shows, so that the policy allows their schemes and no more. */
  readonly images?: readonly (string | undefined)[];
  /** CSP sources that a form may post to. A page without a form allows none. */
  readonly formAction?: string;
  /** The one origin that may frame the page. */
  readonly frameAncestor?: string;
};

export type RenderedPage = { readonly html: string; readonly headers: Readonly<Record<string, string>> };

const styleElement = `<style>${pageStyle}</style>`;
const styleSource = cspHash(pageStyle);
/** A page is painted once all of it is there: on a busy machine its first half would stand in the middle, and then move. */
const paintedWhole = html`<link rel="expect" href="#end" blocking="render">`;
const portico = html`<span>${mark}Portico</span>`;

export function renderPage(page: Page): RenderedPage {
  const { tenant, language } = page.frame;
  const icon = usableImage(tenant.faviconUrl) ?? faviconHref;
  const head = html`<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">${paintedWhole}${page.head}<title>${page.title}</title><link rel="icon" href="${icon}">`;
  const body = html`<main>${page.main}</main><footer id="end">${portico}${renderSupport(page.frame)}</footer>`;
  const script = page.script === undefined ? '' : `<script>${page.script.body}</script>`;
  const start = html`<html lang="${language.tag}" dir="${language.direction}">`;
  const style = styleElement + (themeOf(tenant.colors)?.element ?? '');
  return {
    html: `<!doctype html>${start.markup}<head>${head.markup}${style}</head><body>${body.markup}${script}</body></html>`,
    headers: pageHeaders(page),
  };
}

/** A link's target that the person may be sent to by a click, or undefined. */
export function usableLink(href: string | undefined): string | undefined {
  if (href === undefined || !URL.canParse(href)) return undefined;
  const url = new URL(href);
  return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : undefined;
}

function renderSupport({ tenant, language }: PageFrame): Html | undefined {
  const href = usableLink(tenant.supportUrl);
  return href === undefined ? undefined : html`<a href="${href}">${language.words.getHelp}</a>`;
}

function pageHeaders(page: Page): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': pagePolicy(page),
    'x-content-type-options': 'nosniff',
    'referrer-policy': referrerPolicy(page),
    'cache-control': 'no-store',
  };
  // X-Frame-Options cannot name an origin; where one may frame the page, frame-ancestors alone speaks.
  if (page.frameAncestor === undefined) headers['x-frame-options'] = 'DENY';
  return headers;
}

function pagePolicy(page: Page): string {
  const { colors, faviconUrl } = page.frame.tenant;
  const theme = themeOf(colors);
  const directives = [
    "default-src 'none'",
    `style-src ${theme === undefined ? styleSource : `${styleSource} ${theme.source}`}`,
    `img-src ${imageSchemes([...(page.images ?? []), faviconUrl])}`,
    `form-action ${page.formAction ?? "'none'"}`,
    `frame-ancestors ${page.frameAncestor ?? "'none'"}`,
    "base-uri 'none'",
  ];
  if (page.script !== undefined) directives.push(`script-src ${page.script.source}`);
  return directives.join('; ');
}

/** data: is for our own favicon. Schemes and not hosts, because hosts of pictures redirect to other hosts. */
function imageSchemes(images: readonly (string | undefined)[]): string {
  const schemes = new Set(['data:']);
  for (const image of images) {
    const url = usableImage(image);
    if (url !== undefined) schemes.add(new URL(url).protocol);
  }
  return [...schemes].join(' ');
}

/**
 * Under no-referrer a browser sends `Origin: null` even to ourselves, and the route could not tell our own form from
 * a foreign one. same-origin tells other sites as little.
 */
function referrerPolicy(page: Page): string {
  return page.formAction === "'self'" ? 'same-origin' : 'no-referrer';
}
