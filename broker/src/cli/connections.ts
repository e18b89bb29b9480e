import { Command } from 'commander';
import type { Connection, ConnectionVersion } from '../core/connection.ts';
import { warningsOf } from '../core/connection-warnings.ts';
import type { JsonObject } from '../core/json.ts';
import type { Store } from '../store/store.ts';
import { describeVersion, nextVersion, restored } from '../tenant/connection-versions.ts';
import type { Vault } from '../vault/vault.ts';
import { type CliDeps, CommandError } from './deps.ts';
import { withStore } from './with-store.ts';

type Opened = { readonly store: Store; readonly vault: Vault };

/** `portico connections …`: what a connection has been, by whom, and the way back. Running brokers notice by themselves. */
export function connectionsCommand(deps: CliDeps): Command {
  const command = new Command('connections').description('what connections are and have been');

  command
    .command('list')
    .description('every connection, and how many applications it is enabled for')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  portico connections list --json')
    .action(async ({ json }: { json?: boolean }) => {
      const connections = await withStore(deps.readStoreSettings(), ({ store }) => store.connections.list());
      const rows = connections.map(({ id, name, displayName, enabledClients, updatedAt }) => ({
        id,
        name,
        displayName,
        applications: enabledClients.size,
        updatedAt: updatedAt.toISOString(),
      }));
      const lines = rows.map(
        ({ id, name, applications, updatedAt }) => `${id}  ${updatedAt}  ${name} (${applications})`,
      );
      deps.write(json ? JSON.stringify(rows, null, 2) : lines.join('\n') || 'no connections');
    });

  command
    .command('check')
    .description('what an operator should know about the connections as they are; exit code 1 if there is anything')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  portico connections check')
    .action(async ({ json }: { json?: boolean }) => {
      const warnings = await withStore(deps.readStoreSettings(), async ({ store, vault }) => {
        return warningsOf((await store.connections.list()).map((stored) => vault.openConnection(stored)));
      });
      const lines = warnings.map(({ code, connection, message }) => `${connection}: ${message} (${code})`);
      deps.write(json ? JSON.stringify(warnings, null, 2) : lines.join('\n') || 'nothing to say');
      if (warnings.length > 0) throw new CommandError(`${warnings.length} to look at`);
    });

  command
    .command('history')
    .description('what changed, who did it and when, newest first; secrets are not shown')
    .argument('<name>', 'the name of the connection')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  portico connections history streaming')
    .action(async (name: string, { json }: { json?: boolean }) => {
      const versions = await withStore(deps.readStoreSettings(), async (opened) => {
        const { id } = await getConnection(opened, name);
        return listVersions(opened, id, 200);
      });
      const rows = versions.map((version, index) => describeVersion(version, versions[index + 1]));
      deps.write(
        json ? JSON.stringify(rows, null, 2) : rows.map(print).join('\n\n') || 'never changed since it was set up',
      );
    });

  command
    .command('rollback')
    .description('makes a connection what it was in a version; that is a new version, so it can be undone')
    .argument('<name>', 'the name of the connection')
    .requiredOption('--to <number>', 'the version, as the history has it')
    .addHelpText('after', '\nExample:\n  portico connections rollback streaming --to 3')
    .action(async (name: string, { to }: { to: string }) => {
      await withStore(deps.readStoreSettings(), (opened) => rollBack(deps, opened, { name, number: Number(to) }));
      deps.write(`${name} is what it was in version ${to}`);
    });

  return command;
}

type RollBack = { readonly name: string; readonly number: number };

async function rollBack(deps: CliDeps, opened: Opened, { name, number }: RollBack): Promise<void> {
  const { store, vault } = opened;
  const { id } = await getConnection(opened, name);
  await store.exclusively(`connection ${id}`, async () => {
    const known = await getConnection(opened, name);
    const version = (await listVersions(opened, id, 1000)).find((candidate) => candidate.number === number);
    if (version === undefined)
      throw new CommandError(`${name} has no version ${number}; see portico connections history ${name}`);
    const clients = new Set((await store.clients.list()).map((client) => client.id));
    const changed = restored(known, version.content, {
      isClient: (client) => clients.has(client),
      now: deps.clock.now(),
    });
    const versions = await nextVersion({ store, vault, clock: deps.clock }, { known, changed, actor: 'command line' });
    await store.writeAll([store.connections.update(vault.sealConnection(changed)), ...versions]);
  });
}

async function getConnection({ store, vault }: Opened, name: string): Promise<Connection> {
  const stored = (await store.connections.list()).find((connection) => connection.name === name);
  if (stored === undefined) throw new CommandError(`there is no connection ${name}`);
  return vault.openConnection(stored);
}

const listVersions = async (
  { store, vault }: Opened,
  id: Connection['id'],
  limit: number,
): Promise<readonly ConnectionVersion[]> =>
  (await store.connectionVersions.list(id, limit)).map((version) => vault.openConnectionVersion(version));

function print({ number, at, actor, changes }: ReturnType<typeof describeVersion>): string {
  const lines = Object.entries(changes).map(([path, change]) => `  ${path}: ${describeChange(change as JsonObject)}`);
  return [`version ${number}  ${at}  ${actor}`, ...lines].join('\n');
}

function describeChange({ changed, from, to }: JsonObject): string {
  if (changed === true) return 'changed (not shown)';
  return `${from === undefined ? 'nothing' : shorten(from)} -> ${to === undefined ? 'nothing' : shorten(to)}`;
}

function shorten(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
