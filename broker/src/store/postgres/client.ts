import pg from 'pg';
import { ConfigError } from '../../core/errors.ts';

export type CreateClient = () => pg.Client;

const int8 = 20;
const json = 114;
const jsonb = 3802;

const toNumber = (text: string): number => Number(text);
const toText = (text: string): string => text;

/** Times fit a number; JSON stays text, which is what the repositories read on both dialects. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (oid === int8) return toNumber;
    if (oid === json || oid === jsonb) return toText;
    return pg.types.getTypeParser(oid, format as 'text');
  }) as pg.CustomTypesConfig['getTypeParser'],
};

/** A client per call, not yet connected. Nothing waits for a silent server for ever. */
export function toCreateClient(url: string, more: pg.ClientConfig = {}): CreateClient {
  const create = () =>
    new pg.Client({
      connectionString: url,
      application_name: 'portico',
      connectionTimeoutMillis: 5000,
      statement_timeout: 15_000,
      query_timeout: 20_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      types,
      ...more,
    });
  try {
    create();
  } catch {
    // The parser's own error quotes the URL, and with it the password.
    throw new ConfigError(['PORTICO_DATABASE_URL is not a valid postgres:// URL']);
  }
  return create;
}

/** Where a client connects to, without user and password. */
export const describeClient = ({ host, port, database }: pg.Client): string => `${database} at ${host}:${port}`;

/** An acknowledged write survives a crash of the server, whatever the server's default for this role is. */
export async function requireDurability(client: pg.Client): Promise<void> {
  await client.query(
    "select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'",
  );
}
