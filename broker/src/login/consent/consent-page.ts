import type { ResourceServer } from '../../core/client.ts';
import { type RenderedPage, renderPage } from '../../http/page.ts';
import { hiddenInputs } from '../../http/page-form.ts';
import type { PageFrame } from '../../http/page-frame.ts';
import { type Html, html } from '../../http/page-html.ts';
import { renderLogo } from '../../http/page-icon.ts';
import { say, sayPlain } from '../../http/words/say.ts';
import type { Words } from '../../http/words/words.ts';
import type { Question } from './consent-rule.ts';

export type ConsentPage = {
  readonly frame: PageFrame;
  readonly question: Question;
  readonly client: { readonly name: string; readonly logoUrl: string | undefined };
  /** The person's name or address, as their profile has it. */
  readonly person: string;
  readonly scopes: readonly string[];
  readonly resourceServer: Pick<ResourceServer, 'name' | 'scopes'> | undefined;
  /** Our own route. It gets the fields and `decision`, `allow` or `decline`. */
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
};

/** What an application asks for, in words, and the person's answer. */
export function renderConsentPage(page: ConsentPage): RenderedPage {
  const { frame, client, question, person, action, fields } = page;
  const { words } = frame.language;
  const names = { client: client.name };
  const heading = question === 'consent' ? words.wantsAccess : words.continueTo;
  const yes = question === 'consent' ? words.allow : words.continue;
  return renderPage({
    frame,
    title: sayPlain(heading, names),
    images: [client.logoUrl],
    formAction: "'self'",
    main: html`${renderLogo(client.name, client.logoUrl)}<h1>${say(heading, names)}</h1><p class="soft small">${say(words.signedInAs, { person })}</p>${question === 'consent' ? renderScopes(page) : html`<p>${say(words.unproven, names)}</p>`}<form method="post" action="${action}" class="choice">${hiddenInputs(fields)}<button name="decision" value="allow">${yes}</button><button name="decision" value="decline" class="plain">${words.decline}</button></form>`,
  });
}

function renderScopes({ frame, client, scopes, resourceServer }: ConsentPage): Html {
  const { words } = frame.language;
  const own = scopes.flatMap((scope) => ownWords(words, scope) ?? []);
  const described = new Map(resourceServer?.scopes.map(({ value, description }) => [value, description || value]));
  const ofApi = scopes.flatMap((scope) => described.get(scope) ?? []);
  return html`<p>${say(words.willBeAble, { client: client.name })}</p>${renderList(own)}${resourceServer !== undefined && ofApi.length > 0 ? html`<p>${say(words.inApi, { api: resourceServer.name })}</p>${renderList(ofApi)}` : undefined}`;
}

const renderList = (items: readonly string[]): Html | undefined =>
  items.length === 0
    ? undefined
    : html`<ul class="scopes">${items.map((item) => html`<li><bdi>${item}</bdi></li>`)}</ul>`;

function ownWords(words: Words, scope: string): string | undefined {
  switch (scope) {
    case 'openid':
      return words.scopeOpenid;
    case 'profile':
      return words.scopeProfile;
    case 'email':
      return words.scopeEmail;
    case 'offline_access':
      return words.scopeOfflineAccess;
    case 'user_metadata':
      return words.scopeUserMetadata;
    default:
      return undefined;
  }
}
