import { type PageTenant, type RenderedPage, renderPage } from '../../http/page.ts';
import { hiddenInputs } from '../../http/page-form.ts';
import { type Html, html } from '../../http/page-html.ts';

export type ConfirmSignOutPage = {
  readonly tenant: PageTenant;
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
export function renderConfirmSignOutPage({ tenant, clientName, action, fields }: ConfirmSignOutPage): RenderedPage {
  return renderPage({
    title: 'Sign out?',
    supportUrl: tenant.supportUrl,
    formAction: "'self'",
    main: html`${renderClient(clientName)}<h1>Sign out?</h1><p>You will be signed out of <bdi>${tenant.friendlyName}</bdi>, and its applications may ask you to sign in again.</p><form method="post" action="${action}">${hiddenInputs(fields)}<button>Sign out</button></form><p class="soft small">If you did not ask for this, close this window. You stay signed in.</p>`,
  });
}

const renderClient = (clientName: string | undefined): Html | undefined =>
  clientName === undefined ? undefined : html`<p class="soft small"><bdi>${clientName}</bdi> asks you to sign out</p>`;
