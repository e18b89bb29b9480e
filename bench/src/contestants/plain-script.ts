import type { GuardedFetch } from '../../../broker/src/http/egress.ts';
import { accessToken, type ScriptWorld } from './script-world.ts';

type Callback = (error: unknown, response?: { readonly statusCode: number }, body?: unknown) => void;
type Options = { readonly url: string; readonly headers: Record<string, string> };
type ProfileScript = (token: string, context: object, callback: (error: unknown, profile?: object) => void) => void;

/** The same text in this process, unguarded, compiled once; only the HTTP client is the same. */
export function plainRunner({ source, fetch }: ScriptWorld): () => Promise<void> {
  const script = new Function('request', `return (${source})`)(createRequest(fetch)) as ProfileScript;
  return () =>
    new Promise((resolve, reject) => {
      script(accessToken, {}, (error) => (error ? reject(error) : resolve()));
    });
}

/** The least that the script needs of `request`. */
const createRequest = (fetch: GuardedFetch) => ({
  get({ url, headers }: Options, callback: Callback): void {
    fetch({ url, method: 'GET', headers, timeoutMs: 5_000, maxBytes: 1_000_000 }).then(
      ({ status, body }) => callback(null, { statusCode: status }, JSON.parse(body.toString('utf8'))),
      (error) => callback(error),
    );
  },
});
