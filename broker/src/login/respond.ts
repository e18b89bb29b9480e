import type { OAuthError } from '../core/errors.ts';
import { frameFor, type PageFrame } from '../http/page-frame.ts';
import { pageReply, redirectReply } from '../http/reply.ts';
import type { HttpReply, HttpRequest } from '../http/route.ts';
import { activationUri } from './activate/activation.ts';
import type { Target } from './authorize/target.ts';
import { renderFormPost } from './pages/form-post-page.ts';
import { renderWebMessage } from './pages/web-message-page.ts';

/** Parameters of an answer, in order; undefined ones are left out. */
export type AnswerFields = Readonly<Record<string, string | undefined>>;

type Respond = { readonly request: HttpRequest; readonly issuerUrl: string; readonly cookies?: readonly string[] };

/** Sends an answer to a proven target in its response mode, with `state` and `iss` (RFC 9207). */
export function respond(target: Target, fields: AnswerFields, { request, issuerUrl, cookies }: Respond): HttpReply {
  const complete = compact({ ...fields, state: target.state, iss: issuerUrl });
  switch (target.responseMode) {
    case 'query':
      return redirectReply(statusFor(request), appendQuery(addressOf(target, issuerUrl), complete), cookies);
    case 'fragment':
      return redirectReply(statusFor(request), `${target.redirectUri}#${encode(complete)}`, cookies);
    case 'form_post':
      return pageReply(
        200,
        renderFormPost({
          frame: frameOf(target, request),
          action: target.redirectUri,
          fields: complete,
          onwardUrls: onward(target),
        }),
        cookies,
      );
    case 'web_message':
      return pageReply(
        200,
        renderWebMessage({
          frame: frameOf(target, request),
          targetOrigin: new URL(target.redirectUri).origin,
          response: complete,
        }),
        cookies,
      );
  }
}

export const frameOf = ({ settings, uiLocales }: Target, request: HttpRequest): PageFrame =>
  frameFor(settings, request, uiLocales);

const addressOf = ({ redirectUri }: Target, issuerUrl: string): string =>
  redirectUri === activationUri ? `${issuerUrl}activate/callback` : redirectUri;

/** The application's other pages: after its callback it redirects to one of them. */
const onward = ({ client }: Target): readonly string[] =>
  [...client.callbacks, ...client.webOrigins].filter((url) => /^https?:\/\//.test(url));

export const respondError = (target: Target, error: OAuthError, respondTo: Respond): HttpReply =>
  respond(target, { error: error.code, error_description: error.message }, respondTo);

/** RFC 9700 §4.12: after a POST only 303 keeps the form's body at home. */
const statusFor = (request: HttpRequest): 302 | 303 => (request.method === 'POST' ? 303 : 302);

function compact(fields: AnswerFields): Record<string, string> {
  const complete: Record<string, string> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) complete[name] = value;
  }
  return complete;
}

const encode = (fields: Record<string, string>): string => new URLSearchParams(fields).toString();

/** As text, so that the proven URI stays to the letter what it was. */
function appendQuery(uri: string, fields: Record<string, string>): string {
  const separator = uri.includes('?') ? (/[?&]$/.test(uri) ? '' : '&') : '?';
  return `${uri}${separator}${encode(fields)}`;
}
