import type pg from 'pg';
import { StoreError } from '../../core/errors.ts';
import type { Backend, Row } from '../backend.ts';
import { changesConfiguration } from '../configuration-listeners.ts';
import type { Command, Write } from '../store.ts';
import type { ExclusiveLinks } from './exclusive-links.ts';
import type { Link } from './link.ts';
import type { SharedLinks } from './shared-links.ts';
import { isRepeatable, toStoreError } from './to-store-error.ts';

type Read = (rows: readonly (readonly Row[])[]) => unknown[];
type Unit = { readonly commands: readonly Command[]; readonly read: Read; readonly mayConflict: boolean };

const attempts = 3;

export const send = async (client: pg.Client, { statement, values }: Command): Promise<readonly Row[]> => {
  const { rows } = await query(client, { name: statement.name, text: statement.sql, values: [...values] });
  return rows;
};

/** Every failure of the database or the connection leaves here as what it is in our words. */
const query = (client: pg.Client, config: pg.QueryConfig): Promise<pg.QueryResult<Row>> =>
  client.query<Row>(config).catch((error: unknown) => {
    throw toStoreError(error);
  });

export const ping = (client: pg.Client): Promise<unknown> => query(client, { text: 'select 1' });

/** `announce` is the command that tells other brokers of changed configuration; it takes effect with the COMMIT. */
export function createRun(shared: SharedLinks, exclusive: ExclusiveLinks, announce: Command): Backend['run'] {
  const perform = (unit: Unit): Promise<unknown[]> => {
    const [only, ...others] = unit.commands;
    // Where `read` rejects what a single statement found, the statement has changed nothing.
    if (only && others.length === 0) return shared.use(async (client) => unit.read([await send(client, only)]));
    if (unit.mayConflict) return exclusive.use((client, link) => decideThenCommit(client, link, unit));
    return shared.use((client) => sendInOneGo(client, unit));
  };

  return async (writes) => {
    const unit = toUnit(writes, announce);
    return repeated(() => perform(unit));
  };
}

/** Sends again what the server undid. */
export async function repeated<Result>(perform: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await perform();
    } catch (error) {
      if (attempt < attempts && isRepeatable(error)) continue;
      throw error;
    }
  }
}

/** Commands are queued without a pause, so nobody else's get between BEGIN and COMMIT although they share the connection. */
async function sendInOneGo(client: pg.Client, { commands, read }: Unit): Promise<unknown[]> {
  const begun = query(client, { text: 'begin' });
  const sent = commands.map((command) => send(client, command));
  const committed = query(client, { text: 'commit' });
  // The first to fail is the reason; those behind it only say that the transaction is aborted.
  const [, rows, { command }] = await Promise.all([begun, Promise.all(sent), committed]);
  checkCommitted(command);
  return read(rows);
}

async function decideThenCommit(client: pg.Client, link: Link, { commands, read }: Unit): Promise<unknown[]> {
  try {
    const begun = query(client, { text: 'begin' });
    const [, rows] = await Promise.all([begun, Promise.all(commands.map((command) => send(client, command)))]);
    const results = read(rows);
    const { command } = await query(client, { text: 'commit' });
    checkCommitted(command);
    return results;
  } catch (error) {
    await client.query('rollback').catch(() => link.drop(client));
    throw error;
  }
}

function checkCommitted(command: string): void {
  if (command !== 'COMMIT') throw new StoreError('unavailable', 'The database did not commit', { detail: command });
}

function toUnit(writes: readonly Write<unknown>[], announce: Command): Unit {
  const commands: Command[] = [];
  const readers: { readonly at: number; readonly read: Write<unknown>['read'] }[] = [];
  for (const write of writes) {
    commands.push(...(write.before ?? []));
    readers.push({ at: commands.length, read: write.read });
    commands.push(write, ...(write.after ?? []));
  }
  if (changesConfiguration(writes)) commands.push(announce);
  return {
    commands,
    read: (rows) => readers.map(({ at, read }) => read(rows[at] ?? [])),
    mayConflict: writes.some((write) => write.mayConflict === true),
  };
}
