import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GuardedFetch } from '../../../broker/src/http/egress.ts';
import { createGuardedFetch } from '../../../broker/src/http/guarded-fetch.ts';

/** What both ways to run the script share: its text, the server that it asks, and the client that asks for it. */
export type ScriptWorld = {
  readonly source: string;
  readonly fetch: GuardedFetch;
  close(): Promise<void>;
};

export const accessToken = 'upstream-access-token';

const sourceFor = (url: string): string => `function (accessToken, ctx, callback) {
  request.get({ url: '${url}', headers: { Authorization: 'Bearer ' + accessToken }, json: true },
    function (error, response, profile) {
      if (error) return callback(error);
      if (response.statusCode !== 200) return callback(new Error('status ' + response.statusCode));
      callback(null, { user_id: profile.id, email: profile.email, name: profile.first + ' ' + profile.last });
    });
}`;

export async function startScriptWorld(): Promise<ScriptWorld> {
  const body = JSON.stringify({ id: 'u-1', email: 'ada@example.com', first: 'Ada', last: 'Lovelace' });
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const guarded = createGuardedFetch({ allow: [`127.0.0.1:${port}`] });
  return {
    source: sourceFor(`http://127.0.0.1:${port}/me`),
    fetch: guarded.fetch,
    async close() {
      await guarded.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
