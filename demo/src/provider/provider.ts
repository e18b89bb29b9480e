import express, { type Express } from 'express';
import { styleSheet } from '../pages/shell.ts';
import { authorizeRoutes, type CodeContent } from './authorize.ts';
import { avatarRoutes } from './avatars.ts';
import { createGrants } from './grants.ts';
import { createHandles, type HandleDeps } from './handles.ts';
import { hilltopApi } from './hilltop-api.ts';
import { logoRoutes } from './logos.ts';
import type { Service } from './service.ts';
import { streamlineApi } from './streamline-api.ts';
import { tokenRoute } from './token.ts';

/*
 * provider/: the far side of the wire. A real OAuth 2.0 provider in two guises, Streamline and Hilltop, with its own
 * sign-in and consent pages, its tokens and its APIs. It knows nothing of Portico but a registered client.
 */
type ProviderDeps = HandleDeps & {
  readonly services: readonly Service[];
  /** Without a slash at the end. */
  readonly publicUrl: string;
  readonly accessTokenSeconds: number;
};

const codeSeconds = 60;

export function createProvider(deps: ProviderDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(express.urlencoded({ extended: false }));
  app.get('/style.css', (_request, response) => void response.type('css').send(styleSheet));

  const grants = createGrants(deps);
  for (const service of deps.services) {
    const codes = createHandles<CodeContent>(deps, codeSeconds);
    app.use(authorizeRoutes({ ...deps, service, codes }));
    app.use(tokenRoute({ service, codes, grants }));
  }
  app.use(streamlineApi({ grants, publicUrl: deps.publicUrl }));
  app.use(hilltopApi({ grants, publicUrl: deps.publicUrl }));
  app.use(avatarRoutes());
  app.use(logoRoutes());
  return app;
}
