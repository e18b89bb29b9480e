import { PageError } from '../../core/errors.ts';
import type { ClientId } from '../../core/ids.ts';

/** Auth0's words, to the letter: applications and help desks know them. */
const text =
  "You may have pressed the back button, refreshed during login, opened too many login dialogs, or there is some issue with cookies, since we couldn't find your session. Try logging in again from the application and if the problem persists please contact the administrator.";

/**
 * One answer for unknown, expired, used and foreign transactions: which one it was goes to the log only. With a client,
 * the page leads back to where its sign-ins begin.
 */
export const lostTransaction = (detail: string, clientId?: ClientId): PageError =>
  new PageError('invalid_request', text, { step: 'state', kind: 'lost', clientId, detail: `transaction: ${detail}` });
