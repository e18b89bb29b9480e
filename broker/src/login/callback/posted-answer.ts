import { PageError } from '../../core/errors.ts';

/**
 * `POST /login/callback`: a provider that answers by form. Nothing of it is read: across sites it comes without the
 * browser's cookie, and an answer that is not bound to the browser is anybody's (UP-17, UP-32).
 */
export function refusePostedAnswer(): never {
  throw new PageError('invalid_request', 'The provider must answer with a redirect that carries a code', {
    step: 'state',
    kind: 'provider',
  });
}
