import { type PageTenant, type RenderedPage, renderPage } from '../../http/page.ts';
import { hiddenInputs } from '../../http/page-form.ts';
import { type Html, html } from '../../http/page-html.ts';
import { renderIcon, renderLogo } from '../../http/page-icon.ts';

export type LoginPageConnection = {
  readonly name: string;
  readonly displayName: string;
  readonly iconUrl: string | undefined;
  readonly isLastUsed: boolean;
};

export type LoginPage = {
  readonly tenant: PageTenant;
  readonly client: { readonly name: string; readonly logoUrl: string | undefined };
  /** In the order that the administrator set. */
  readonly connections: readonly LoginPageConnection[];
  readonly state: string;
  /** Our own route. It gets `state` and `connection` and answers with renderHandoff, not with a redirect. */
  readonly action: string;
};

/** Universal Login: one form, a button for each way in. It posts, because choosing one starts something. */
export function renderLoginPage(page: LoginPage): RenderedPage {
  const { client, tenant, connections } = page;
  const logoUrl = client.logoUrl ?? tenant.logoUrl;
  return renderPage({
    title: `Sign in to ${client.name}`,
    supportUrl: tenant.supportUrl,
    images: [logoUrl, ...connections.map((connection) => connection.iconUrl)],
    formAction: "'self'",
    main: html`${renderLogo(client.name, logoUrl)}<h1>Sign in to <bdi>${client.name}</bdi></h1>${connections.length === 0 ? noWayIn : renderWays(page)}`,
  });
}

const renderWays = (page: LoginPage): Html =>
  html`<form method="post" action="${page.action}" class="ways">${hiddenInputs({ state: page.state })}${page.connections.map(renderWay)}</form>`;

const renderWay = ({ name, displayName, iconUrl, isLastUsed }: LoginPageConnection): Html =>
  html`<button class="way" name="connection" value="${name}">${renderIcon(displayName, iconUrl)}<span class="name"><span>Continue with <bdi>${displayName}</bdi></span>${isLastUsed ? lastUsed : undefined}</span></button>`;

const lastUsed = html` <span class="used">Last used</span>`;

const noWayIn = html`<p>There is no way to sign in here yet. Ask the people who run this application; you can close this window.</p><details><summary>For the developer of the application</summary><dl><dt>What happened</dt><dd><code>invalid_request: no connections enabled for the client</code></dd><dt>What to do</dt><dd>Enable a connection for this application: add its client ID to <code>enabled_clients</code> of the connection, then start the sign-in again.</dd></dl></details>`;
