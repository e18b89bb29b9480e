import { type PageTenant, type RenderedPage, renderPage, usableLink } from '../../http/page.ts';
import { html } from '../../http/page-html.ts';

export type SignedOutPage = {
  readonly tenant: PageTenant;
  /** A web address that is proven to be the application's. */
  readonly action?: { readonly label: string; readonly href: string } | undefined;
};

export function renderSignedOutPage({ tenant, action }: SignedOutPage): RenderedPage {
  const href = usableLink(action?.href);
  const back = href === undefined ? undefined : html`<a class="button" href="${href}">${action?.label}</a>`;
  return renderPage({
    title: 'You are signed out',
    supportUrl: tenant.supportUrl,
    main: html`<h1>You are signed out</h1><p>You can close this window. On a device that others use, close the whole browser: the providers that you signed in with may still know you.</p>${back}`,
  });
}
