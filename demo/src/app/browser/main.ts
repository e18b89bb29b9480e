import { type Auth0Client, createAuth0Client } from '@auth0/auth0-spa-js';
import type { AppSettings } from '../app.ts';
import { create, element, onClick, showView } from './page.ts';
import { showProfile } from './profile.ts';

/*
 * The page as an application developer would write it against Auth0: `@auth0/auth0-spa-js`, unmodified.
 * Tokens stay in memory and there is no refresh token, so every renewal goes through a hidden frame.
 */

const scope = 'openid profile email offline_access user_metadata';

const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const createClient = (settings: AppSettings): Promise<Auth0Client> =>
  createAuth0Client({
    domain: settings.domain,
    clientId: settings.clientId,
    cacheLocation: 'memory',
    authorizationParams: { redirect_uri: `${location.origin}/callback`, audience: settings.audience, scope },
  });

/** Ends a sign-in that the address bar carries; nothing of it stays in the history. */
async function finishSignIn(client: Auth0Client): Promise<void> {
  const answer = new URLSearchParams(location.search);
  if (!answer.has('state') || !(answer.has('code') || answer.has('error'))) return;
  try {
    await client.handleRedirectCallback();
  } finally {
    history.replaceState({}, '', '/');
  }
}

function showAnswer(title: string, value: unknown): void {
  const output = element('answer', HTMLPreElement);
  output.hidden = false;
  output.textContent = `${title}\n${typeof value === 'string' ? value : JSON.stringify(value, null, 2)}`;
}

async function callApi(client: Auth0Client, apiUrl: string): Promise<void> {
  const token = await client.getTokenSilently();
  const response = await fetch(`${apiUrl}/api/profile`, { headers: { authorization: `Bearer ${token}` } });
  showAnswer(`The API answered ${response.status}`, await response.json());
}

/** No cache and no refresh token: the token comes out of a hidden frame. */
async function renew(client: Auth0Client): Promise<void> {
  const renewed = await client.getTokenSilently({ cacheMode: 'off', detailedResponse: true });
  showAnswer('Renewed in a hidden frame', `The new token lives for ${renewed?.expires_in} seconds.`);
}

/** A failed call is shown where its answer would stand. */
const shown = (work: () => Promise<void>) => () => work().catch((error) => showAnswer('It failed', describe(error)));

function offerSignIn(client: Auth0Client, settings: AppSettings): void {
  const buttons = settings.connections.map(({ name, displayName }) => {
    const button = create('button', `Continue with ${displayName}`);
    button.type = 'button';
    button.id = button.dataset['testid'] = `sign-in-${name}`;
    return button;
  });
  element('sign-in-choices', HTMLDivElement).replaceChildren(...buttons);
  for (const { name } of settings.connections) {
    onClick(`sign-in-${name}`, () => client.loginWithRedirect({ authorizationParams: { connection: name } }));
  }
  onClick('sign-in', () => client.loginWithRedirect());
}

async function start(): Promise<void> {
  const settings: AppSettings = await (await fetch('/settings.json')).json();
  const client = await createClient(settings);
  offerSignIn(client, settings);
  onClick('sign-out', () => client.logout({ logoutParams: { returnTo: location.origin } }));
  onClick(
    'call-api',
    shown(() => callApi(client, settings.apiUrl)),
  );
  onClick(
    'renew',
    shown(() => renew(client)),
  );

  await finishSignIn(client);
  const user = await client.getUser();
  if (user === undefined) return showView('signed-out');
  showProfile(user);
  showView('signed-in');
}

onClick('try-again', async () => location.assign('/'));
try {
  await start();
} catch (error) {
  element('problem-text', HTMLParagraphElement).textContent = describe(error);
  showView('problem');
}
