import { join } from 'node:path';
import type { CodeFlow } from '../load/code-flow.ts';
import { startPeer } from '../processes/started-process.ts';
import { api } from './bench-client.ts';
import type { Issuer } from './issuer.ts';
import type { Workplace } from './workplace.ts';

export async function startOidcProvider(workplace: Workplace): Promise<Issuer> {
  const peer = await startPeer({
    name: 'oidc-provider',
    file: join(import.meta.dirname, '../peers/oidc-provider.ts'),
    environment: {},
    logFile: join(workplace.directory('oidc-provider'), 'log'),
  });
  const origin = `http://127.0.0.1:${peer.port}`;
  const flow: CodeFlow = { authorizationUrl: `${origin}/auth`, tokenUrl: `${origin}/token`, parameters: {} };
  return {
    name: 'oidc-provider',
    pid: peer.pid,
    jwksUrl: `${origin}/jwks`,
    userinfoUrl: `${origin}/me`,
    apiParameters: { resource: api.audience },
    // OpenID Connect Core §11: offline_access asks for consent, and this library insists.
    offlineParameters: { prompt: 'consent' },
    flow,
  };
}
