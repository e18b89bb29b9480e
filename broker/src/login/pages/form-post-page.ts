import { type RenderedPage, renderPage } from '../../http/page.ts';
import { cspOrigin, prepareScript } from '../../http/page-csp.ts';
import { hiddenInputs } from '../../http/page-form.ts';
import type { PageFrame } from '../../http/page-frame.ts';
import { html } from '../../http/page-html.ts';

export type FormPost = {
  readonly frame: PageFrame;
  /** The proven redirect URI. */
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
  /**
   * Web addresses that the application may redirect to after its callback, such as its other registered URLs:
   * Chromium holds redirects after a form against `form-action` too. What has no spelling in a policy is left out.
   */
  readonly onwardUrls?: readonly string[];
};

// A field named `submit` would hide the form's own method.
const submit = prepareScript('HTMLFormElement.prototype.submit.call(document.forms[0])');

/** response_mode=form_post (OAuth 2.0 Form Post Response Mode §2): the form submits itself, or by its button. */
export function renderFormPost({ frame, action, fields, onwardUrls = [] }: FormPost): RenderedPage {
  const { words } = frame.language;
  const target = cspOrigin(action) ?? new URL(action).protocol;
  const onward = onwardUrls.map(onwardSource).filter((source) => source !== undefined);
  const targets = new Set([target, ...onward]);
  return renderPage({
    frame,
    title: words.returning,
    script: submit,
    formAction: [...targets].join(' '),
    main: html`<h1>${words.returning}</h1><form method="post" action="${action}">${hiddenInputs(fields)}<noscript><button>${words.continue}</button></noscript></form>`,
  });
}

/** A registered URL may have `*` as its first label, which a policy reads in the same way. */
const onwardSource = (url: string): string | undefined =>
  /^https?:\/\/(?:\*\.)?[a-z0-9][a-z0-9._-]*(?::\d+)?(?=[/?#]|$)/i.exec(url)?.[0].toLowerCase();
