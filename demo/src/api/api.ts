import express, { type ErrorRequestHandler, type Express } from 'express';
import { auth } from 'express-oauth2-jwt-bearer';

type ApiDeps = { readonly issuer: string; readonly audience: string; readonly appUrl: string };

const answerErrors: ErrorRequestHandler = (error, _request, response, _next) => {
  const { status = 500, code = 'server_error', headers = {}, message } = error;
  response
    .status(status)
    .set(headers)
    .json({ error: code, message: status < 500 ? message : 'The API failed' });
};

/** An API as any team would write it: `express-oauth2-jwt-bearer`, unmodified, knows only issuer and audience. */
export function createApi({ issuer, audience, appUrl }: ApiDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use((request, response, next) => {
    response.set({ 'access-control-allow-origin': appUrl, vary: 'origin', 'cache-control': 'no-store' });
    if (request.method !== 'OPTIONS') return next();
    response.set({ 'access-control-allow-headers': 'authorization', 'access-control-max-age': '600' }).sendStatus(204);
  });
  app.get('/api/profile', auth({ audience, issuerBaseURL: issuer }), (request, response) => {
    const { sub, iss, aud, azp, scope, exp } = request.auth?.payload ?? {};
    response.json({ userId: sub, issuer: iss, audience: aud, client: azp, scope, expiresAt: exp });
  });
  app.use(answerErrors);
  return app;
}
