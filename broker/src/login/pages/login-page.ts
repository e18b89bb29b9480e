import { type RenderedPage, renderPage } from '../../http/page.ts';
import { hiddenInputs } from '../../http/page-form.ts';
import type { PageFrame } from '../../http/page-frame.ts';
import { type Html, html } from '../../http/page-html.ts';
import { renderIcon, renderLogo } from '../../http/page-icon.ts';
import { say, sayPlain } from '../../http/words/say.ts';

export type LoginPageConnection = {
  readonly name: string;
  readonly displayName: string;
  readonly iconUrl: string | undefined;
  readonly isLastUsed: boolean;
};

export type LoginPage = {
  readonly frame: PageFrame;
  readonly client: { readonly name: string; readonly logoUrl: string | undefined };
  /** In the order in which they are shown. */
  readonly connections: readonly LoginPageConnection[];
  readonly state: string;
  /** Auth0's `screen_hint=signup`: a provider makes no difference, so only the words do. */
  readonly isSignUp: boolean;
  /** Our own route. It gets `state` and `connection` and answers with renderHandoff, not with a redirect. */
  readonly action: string;
};

/** Universal Login: one form, a button for each way in. It posts, because choosing one starts something. */
export function renderLoginPage(page: LoginPage): RenderedPage {
  const { frame, client, connections, isSignUp } = page;
  const { words } = frame.language;
  const heading = isSignUp ? words.signUpFor : words.signInTo;
  const logoUrl = client.logoUrl ?? frame.tenant.logoUrl;
  return renderPage({
    frame,
    title: sayPlain(heading, { client: client.name }),
    images: [logoUrl, ...connections.map((connection) => connection.iconUrl)],
    formAction: "'self'",
    main: html`${renderLogo(client.name, logoUrl)}<h1>${say(heading, { client: client.name })}</h1>${connections.length === 0 ? renderNoWayIn(frame) : renderWays(page)}`,
  });
}

const renderWays = (page: LoginPage): Html =>
  html`<form method="post" action="${page.action}" class="ways">${hiddenInputs({ state: page.state })}${page.connections.map((connection) => renderWay(page.frame, connection))}</form>`;

function renderWay({ language }: PageFrame, { name, displayName, iconUrl, isLastUsed }: LoginPageConnection): Html {
  const { words } = language;
  const used = isLastUsed ? html` <span class="used">${words.lastUsed}</span>` : undefined;
  return html`<button class="way" name="connection" value="${name}">${renderIcon(displayName, iconUrl)}<span class="name"><span>${say(words.continueWith, { connection: displayName })}</span>${used}</span></button>`;
}

const renderNoWayIn = ({ language: { words } }: PageFrame): Html =>
  html`<p>${words.noWayIn}</p><details><summary>${words.forDeveloper}</summary><dl lang="en" dir="ltr"><dt>What happened</dt><dd><code>invalid_request: no connections enabled for the client</code></dd><dt>What to do</dt><dd>Enable a connection for this application: add its client ID to <code>enabled_clients</code> of the connection, then start the sign-in again.</dd></dl></details>`;
