import { type RenderedPage, renderPage } from '../../http/page.ts';
import type { PageFrame } from '../../http/page-frame.ts';
import { html } from '../../http/page-html.ts';

export function renderSignedOutPage(frame: PageFrame): RenderedPage {
  const { words } = frame.language;
  return renderPage({
    frame,
    title: words.signedOut,
    main: html`<h1>${words.signedOut}</h1><p>${words.afterSignOut}</p>`,
  });
}
