import { type RenderedPage, renderPage } from '../../http/page.ts';
import { cspOrigin, prepareScript } from '../../http/page-csp.ts';
import { hiddenInputs } from '../../http/page-form.ts';
import { html } from '../../http/page-html.ts';

export type FormPost = {
  /** The proven redirect URI. */
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
  /**
   * Web addresses that the application may redirect to after its callback, such as its other registered URLs:
   * Chromium holds redirects after a form against `form-action` too.
   */
  readonly onwardUrls?: readonly string[];
};

// A field named `submit` would hide the form's own method.
const submit = prepareScript('HTMLFormElement.prototype.submit.call(document.forms[0])');

/** response_mode=form_post (OAuth 2.0 Form Post Response Mode §2): the form submits itself, or by its button. */
export function renderFormPost({ action, fields, onwardUrls = [] }: FormPost): RenderedPage {
  const targets = new Set([action, ...onwardUrls].map(formTarget));
  return renderPage({
    title: 'Returning to the application',
    script: submit,
    formAction: [...targets].join(' '),
    main: html`<h1>Returning to the application</h1><form method="post" action="${action}">${hiddenInputs(fields)}<noscript><button>Continue</button></noscript></form>`,
  });
}

const formTarget = (url: string): string => cspOrigin(url) ?? new URL(url).protocol;
