import { type RenderedPage, renderPage } from '../../http/page.ts';
import { hiddenInputs } from '../../http/page-form.ts';
import type { PageFrame } from '../../http/page-frame.ts';
import { type Html, html } from '../../http/page-html.ts';
import { say } from '../../http/words/say.ts';

export type ConfirmSignOutPage = {
  readonly frame: PageFrame;
  readonly clientName?: string | undefined;
  /** Our own route. It answers with a page or with renderHandoff, not with a redirect to the application. */
  readonly action: string;
  /**
   * What the request asked for, and a value bound to the session: another site cannot know it, so it cannot sign the
   * person out.
   */
  readonly fields: Readonly<Record<string, string>>;
};

/** For a sign-out that nothing proves to come from the application: the person decides. */
export function renderConfirmSignOutPage({ frame, clientName, action, fields }: ConfirmSignOutPage): RenderedPage {
  const { words } = frame.language;
  const explained = say(words.willBeSignedOut, { tenant: frame.tenant.friendlyName });
  return renderPage({
    frame,
    title: words.signOutQuestion,
    formAction: "'self'",
    main: html`${renderClient(frame, clientName)}<h1>${words.signOutQuestion}</h1><p>${explained}</p><form method="post" action="${action}">${hiddenInputs(fields)}<button>${words.signOut}</button></form><p class="soft small">${words.didNotAsk}</p>`,
  });
}

function renderClient({ language }: PageFrame, client: string | undefined): Html | undefined {
  if (client === undefined) return undefined;
  return html`<p class="soft small">${say(language.words.asksToSignOut, { client })}</p>`;
}
