import { PageError } from '../core/errors.ts';
import { header, type Route } from '../http/route.ts';

type Handle = Route['handle'];

/** A browser posts a form to a page's address. JSON there comes from a script, and is nobody's sign-in. */
export const formOnly =
  (handle: Handle): Handle =>
  (request) => {
    const type = header(request, 'content-type');
    if (request.method !== 'POST' || type === undefined || isForm.test(type)) return handle(request);
    throw new PageError('invalid_request', 'The body must be a form', { status: 415 });
  };

/**
 * WEB-02: a form that only our own page has. What it carries is bound to the browser already; a browser that says where
 * a form comes from is believed besides.
 */
export function ownFormOnly(issuerUrl: string, handle: Handle): Handle {
  const origin = URL.parse(issuerUrl)?.origin;
  return (request) => {
    const sentFrom = header(request, 'origin') ?? origin;
    if (sentFrom === origin && header(request, 'sec-fetch-site') !== 'cross-site') return handle(request);
    throw new PageError('invalid_request', 'The form comes from another site', { status: 403 });
  };
}

const isForm = /^application\/x-www-form-urlencoded\s*(?:;|$)/i;
