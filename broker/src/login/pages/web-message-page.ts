import { type RenderedPage, renderPage } from '../../http/page.ts';
import { cspOrigin, prepareScript } from '../../http/page-csp.ts';
import { embedJson, html } from '../../http/page-html.ts';

export type WebMessage = {
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
export function renderWebMessage({ targetOrigin, response }: WebMessage): RenderedPage {
  if (new URL(targetOrigin).origin !== targetOrigin) throw new TypeError('a web message goes to one exact origin');
  return renderPage({
    title: 'Returning to the application',
    script: post,
    frameAncestor: cspOrigin(targetOrigin) ?? "'none'",
    main: html`<h1>Returning to the application</h1><p>If this window stays open, close it and look in the application. If you are not signed in there, try again from it.</p>${embedJson('message', { targetOrigin, response })}`,
  });
}
