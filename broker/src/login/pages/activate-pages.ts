import { type RenderedPage, renderPage } from '../../http/page.ts';
import { hiddenInputs } from '../../http/page-form.ts';
import type { PageFrame } from '../../http/page-frame.ts';
import { html } from '../../http/page-html.ts';
import { renderLogo } from '../../http/page-icon.ts';

type EnterCodePage = {
  readonly frame: PageFrame;
  /** Our own route; it gets `user_code`. */
  readonly action: string;
  /** What the address brought along, in its form. */
  readonly userCode: string | undefined;
  readonly isWrong: boolean;
};

/** RFC 8628 §3.3: the person types the code that the device shows. */
export function renderEnterCode({ frame, action, userCode = '', isWrong }: EnterCodePage): RenderedPage {
  const { words } = frame.language;
  const said = isWrong ? html`<p role="alert">${words.codeNotKnown}</p>` : html`<p>${words.enterCode}</p>`;
  return renderPage({
    frame,
    title: words.connectDevice,
    formAction: "'self'",
    main: html`<h1>${words.connectDevice}</h1>${said}<form method="post" action="${action}" class="ways"><label for="user_code">${words.code}</label><input id="user_code" name="user_code" type="text" dir="ltr" value="${userCode}" required autocomplete="off" autocapitalize="characters" spellcheck="false" maxlength="20"><button>${words.continue}</button></form>`,
  });
}

type ConfirmDevicePage = {
  readonly frame: PageFrame;
  /** Our own route; it gets `user_code`, `confirmation` and `decision`, and answers with renderHandoff. */
  readonly action: string;
  readonly client: { readonly name: string; readonly logoUrl: string | undefined };
  readonly userCode: string;
  /** Bound to the browser: another site cannot know it. */
  readonly confirmation: string;
};

/** RFC 8628 §3.3.1 and §5.4: nobody confirms a device that somebody else holds without having been told. */
export function renderConfirmDevice(page: ConfirmDevicePage): RenderedPage {
  const { frame, action, client, userCode, confirmation } = page;
  const { words } = frame.language;
  const logoUrl = client.logoUrl ?? frame.tenant.logoUrl;
  return renderPage({
    frame,
    title: words.confirmDevice,
    images: [logoUrl],
    formAction: "'self'",
    main: html`${renderLogo(client.name, logoUrl)}<h1>${words.confirmDevice}</h1><p><bdi>${client.name}</bdi></p><p class="user-code"><code>${userCode}</code></p><p>${words.onlyYourDevice}</p><form method="post" action="${action}" class="choice">${hiddenInputs({ user_code: userCode, confirmation })}<button name="decision" value="confirm">${words.confirm}</button><button name="decision" value="cancel" class="plain">${words.cancel}</button></form>`,
  });
}

type DeviceEndPage = { readonly frame: PageFrame; readonly isConnected: boolean };

export function renderDeviceEnd({ frame, isConnected }: DeviceEndPage): RenderedPage {
  const { words } = frame.language;
  const heading = isConnected ? words.deviceConnected : words.deviceNotConnected;
  return renderPage({ frame, title: heading, main: html`<h1>${heading}</h1><p>${words.backToDevice}</p>` });
}
