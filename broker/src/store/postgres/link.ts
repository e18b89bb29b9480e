import type pg from 'pg';
import type { OnError } from '../backend.ts';
import type { CreateClient } from './client.ts';
import { unavailable } from './to-store-error.ts';

/** One connection that comes back by itself after it was lost. */
export type Link = {
  /** The live client, or undefined while there is none. */
  current(): pg.Client | undefined;
  /** Waits for an attempt to connect that is under way; between attempts it rejects at once with StoreError('unavailable'). */
  get(): Promise<pg.Client>;
  /** Gives up a connection whose state is not known, for a new one. */
  drop(client: pg.Client): void;
  close(): Promise<void>;
};

type LinkDeps = {
  readonly createClient: CreateClient;
  /** Runs on each new connection before anybody else uses it. */
  readonly prepare: (client: pg.Client) => Promise<void>;
  readonly onError: OnError;
};

const firstDelayMs = 50;
const longestDelayMs = 5000;

export function createLink({ createClient, prepare, onError }: LinkDeps): Link {
  let live: pg.Client | undefined;
  let attempt: Promise<pg.Client> | undefined;
  let failures = 0;
  let retry: NodeJS.Timeout | undefined;
  let isClosed = false;

  const lose = (client: pg.Client, error: unknown): void => {
    if (live !== client) return;
    live = undefined;
    if (isClosed) return;
    onError(unavailable(error));
    connect().catch(() => {});
  };

  const open = async (): Promise<pg.Client> => {
    const client = createClient();
    client.on('error', (error) => lose(client, error));
    client.on('end', () => lose(client, new Error('The connection ended')));
    try {
      await client.connect();
      await prepare(client);
    } catch (error) {
      client.end().catch(() => {});
      throw unavailable(error);
    }
    return client;
  };

  const connect = (): Promise<pg.Client> => {
    clearTimeout(retry);
    attempt ??= open().then(
      (client) => {
        attempt = undefined;
        failures = 0;
        live = client;
        if (isClosed) client.end().catch(() => {});
        return client;
      },
      (error: unknown) => {
        attempt = undefined;
        const delayMs = Math.min(longestDelayMs, firstDelayMs * 2 ** failures);
        failures += 1;
        if (!isClosed) retry = setTimeout(() => connect().catch(() => {}), delayMs).unref();
        throw error;
      },
    );
    return attempt;
  };

  return {
    current: () => live,
    async get() {
      if (live) return live;
      if (isClosed) throw unavailable(new Error('The store is closed'));
      if (attempt) return attempt;
      if (failures > 0) throw unavailable(new Error('Waiting to connect again'));
      return connect();
    },
    drop(client) {
      lose(client, new Error('The connection was given up'));
      client.end().catch(() => {});
    },
    async close() {
      isClosed = true;
      clearTimeout(retry);
      const client = live ?? (await attempt?.catch(() => undefined));
      await client?.end().catch(() => {});
    },
  };
}
