import { type RenderedPage, renderPage } from './page.ts';
import type { PageFrame } from './page-frame.ts';
import { html } from './page-html.ts';
import { say, sayPlain } from './words/say.ts';

export type Handoff = {
  readonly frame: PageFrame;
  /** Where the browser goes: an upstream, or an application's callback, which may have a scheme of its own. */
  readonly href: string;
  /** Who is there, in words for people. */
  readonly name: string;
};

/**
 * The answer to a form that leads away from us. Chromium holds every redirect after a form against the form's
 * `form-action`, so a 303 from our own form to an upstream or an application is blocked; a new page starts afresh.
 */
export function renderHandoff(handoff: Handoff): RenderedPage {
  const { href, protocol } = new URL(handoff.href);
  if (scripted.has(protocol)) throw new TypeError(`a browser is never sent to ${protocol}`);
  const { frame, name } = handoff;
  const { words } = frame.language;
  return renderPage({
    frame,
    title: sayPlain(words.goingTo, { name }),
    head: html`<meta http-equiv="refresh" content="0;url=${href}">`,
    main: html`<h1>${say(words.goingTo, { name })}</h1><p class="soft">${words.continueYourself}</p><a class="button" href="${href}">${words.continue}</a>`,
  });
}

const scripted: ReadonlySet<string> = new Set(['javascript:', 'data:', 'vbscript:', 'blob:', 'file:', 'about:']);
