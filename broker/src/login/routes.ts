import { OAuthError } from '../core/errors.ts';
import type { Route } from '../http/route.ts';
import { recordingRefusal } from '../issuer/record-refusal.ts';
import { activate, activationPage } from './activate/activate.ts';
import { finishActivation } from './activate/finish-activation.ts';
import { authorize } from './authorize/authorize.ts';
import { pushRequest } from './authorize/push-request.ts';
import { resume } from './authorize/resume.ts';
import { callback } from './callback/callback.ts';
import { refusePostedAnswer } from './callback/posted-answer.ts';
import { consentPage, decideConsent } from './consent/consent.ts';
import { continueSignIn } from './continue.ts';
import type { LoginDeps } from './deps.ts';
import { formOnly, ownFormOnly } from './form-only.ts';
import { loginPage, pickConnection } from './pick.ts';
import { recordingRefusals } from './refusal.ts';

/*
 * login/: the browser's road. /authorize, what is pushed to it, Universal Login, the transaction, /login/callback,
 * /activate for devices, the answer with a code.
 *
 * It proves where an answer may go before it looks at anything else; it never mints by itself and never sees a client's
 * secret.
 */
/** Where the target is in doubt, it is a refusal as on the browser's road. */
const refusedPush = { type: 'fpar', from: OAuthError } as const;

export function loginRoutes(deps: LoginDeps): readonly Route[] {
  const answerAuthorize = authorize(deps);
  const answerContinue = continueSignIn(deps);
  const answerCallback = callback(deps);
  const routes: readonly Route[] = [
    { method: 'GET', path: '/authorize', answers: 'page', handle: answerAuthorize },
    { method: 'POST', path: '/authorize', answers: 'page', handle: answerAuthorize },
    {
      method: 'POST',
      path: '/oauth/par',
      answers: 'json',
      handle: recordingRefusal(deps, refusedPush, pushRequest(deps)),
    },
    { method: 'GET', path: '/authorize/resume', answers: 'page', handle: resume(deps) },
    { method: 'GET', path: '/u/login', answers: 'page', handle: loginPage(deps) },
    { method: 'POST', path: '/u/login', answers: 'page', handle: ownFormOnly(deps.issuerUrl, pickConnection(deps)) },
    { method: 'GET', path: '/u/consent', answers: 'page', handle: consentPage(deps) },
    { method: 'POST', path: '/u/consent', answers: 'page', handle: ownFormOnly(deps.issuerUrl, decideConsent(deps)) },
    { method: 'GET', path: '/login/callback', answers: 'page', handle: answerCallback },
    { method: 'GET', path: '/login/callback/:connection', answers: 'page', handle: answerCallback },
    { method: 'POST', path: '/login/callback', answers: 'page', handle: refusePostedAnswer },
    { method: 'POST', path: '/login/callback/:connection', answers: 'page', handle: refusePostedAnswer },
    { method: 'GET', path: '/activate', answers: 'page', handle: activationPage(deps) },
    { method: 'POST', path: '/activate', answers: 'page', handle: ownFormOnly(deps.issuerUrl, activate(deps)) },
    { method: 'GET', path: '/activate/callback', answers: 'page', handle: finishActivation(deps) },
    { method: 'GET', path: '/continue', answers: 'page', handle: answerContinue },
    { method: 'POST', path: '/continue', answers: 'page', handle: answerContinue },
  ];
  return routes.map((route) => {
    const handle = route.answers === 'page' ? formOnly(route.handle) : route.handle;
    return { ...route, handle: recordingRefusals(deps, handle) };
  });
}
