import { type RenderedPage, renderPage } from '../../http/page.ts';
import { cspOrigin, prepareScript } from '../../http/page-csp.ts';
import type { PageFrame } from '../../http/page-frame.ts';
import { embedJson, html } from '../../http/page-html.ts';

export type WebMessage = {
  readonly frame: PageFrame;
  /** The origin of the proven redirect URI, checked against the client's allowed web origins. */
  readonly targetOrigin: string;
  /** `code` and `state`, or `error`, `error_description` and `state`. */
  readonly response: Readonly<Record<string, string>>;
};

// An iframe's application is its parent, a popup's is its opener.
const post = prepareScript(
  "const{targetOrigin,response}=JSON.parse(document.getElementById('message').textContent);const target=window.parent===window?window.opener:window.parent;if(target)target.postMessage({type:'authorization_response',response},targetOrigin)",
);

/** response_mode=web_message: the response goes to one exact origin, and only that origin may frame the page. */
export function renderWebMessage({ frame, targetOrigin, response }: WebMessage): RenderedPage {
  if (new URL(targetOrigin).origin !== targetOrigin) throw new TypeError('a web message goes to one exact origin');
  const { words } = frame.language;
  return renderPage({
    frame,
    title: words.returning,
    script: post,
    frameAncestor: cspOrigin(targetOrigin) ?? "'none'",
    main: html`<h1>${words.returning}</h1><p>${words.windowStaysOpen}</p>${embedJson('message', { targetOrigin, response })}`,
  });
}
