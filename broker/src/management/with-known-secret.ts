import { isDeepStrictEqual } from 'node:util';
import type { Connection } from '../core/connection.ts';
import { isJsonObject, type JsonObject } from '../core/json.ts';
import { header } from '../http/route.ts';
import type { ConnectionChanges } from '../wire/management/connection-object.ts';
import type { Acting } from './endpoint.ts';

/**
 * What auth0-deploy-cli wants a connection to be. Its exports have a placeholder for the secret; where nobody says what it
 * stands for, the tool leaves the secret out and tells people that the server keeps the one it has (8.44.0, `Stripping
 * unresolved placeholder`). So it is kept, for that tool, and only while it goes to the same place as before: whoever may
 * change a connection but not read it cannot have its secret sent to themselves.
 */
export function withKnownSecret(
  { request, body }: Pick<Acting, 'request'> & { readonly body: ConnectionChanges },
  known: Connection,
): ConnectionChanges {
  const isDeployCli = header(request, 'user-agent')?.startsWith('deploy-cli/') === true;
  const before = known.options as JsonObject;
  const after = body.options as JsonObject | undefined;
  const { client_secret: secret } = before;
  if (!isDeployCli || after === undefined || secret === undefined || after.client_secret !== undefined) return body;
  if (!isDeepStrictEqual(readersOf(before), readersOf(after))) return body;
  return { ...body, options: inOrderOf(before, { ...after, client_secret: secret }) };
}

/** Who gets to see the secret: the address of the token request, or the script in its place. */
const readersOf = ({ tokenURL, scripts }: JsonObject): readonly unknown[] => [
  tokenURL,
  isJsonObject(scripts) ? scripts.tokenExchange : undefined,
];

/** People compare exports as texts. */
const inOrderOf = (before: JsonObject, after: JsonObject): JsonObject =>
  Object.fromEntries(
    [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name) => {
      const { [name]: value } = after;
      return value === undefined ? [] : [[name, value]];
    }),
  );
