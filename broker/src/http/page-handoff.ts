import { type RenderedPage, renderPage } from './page.ts';
import { html } from './page-html.ts';

export type Handoff = {
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
  return renderPage({
    title: `Going to ${handoff.name}`,
    head: html`<meta http-equiv="refresh" content="0;url=${href}">`,
    main: html`<h1>Going to <bdi>${handoff.name}</bdi></h1><p class="soft">If nothing happens, continue yourself.</p><a class="button" href="${href}">Continue</a>`,
  });
}

const scripted: ReadonlySet<string> = new Set(['javascript:', 'data:', 'vbscript:', 'blob:', 'file:', 'about:']);
