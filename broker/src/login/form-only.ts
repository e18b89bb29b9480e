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

const isForm = /^application\/x-www-form-urlencoded\s*(?:;|$)/i;
