import { Command } from 'commander';
import type { StoredKey } from '../core/key.ts';
import { listSigningKeys, revokeSigningKey, rotateSigningKeys, type SigningKeysDeps } from '../setup/signing-keys.ts';
import { type CliDeps, CommandError } from './deps.ts';
import { withStore } from './with-store.ts';

/** `portico keys …`: what tokens are signed with. Running brokers hear of a change by themselves. */
export function keysCommand(deps: CliDeps): Command {
  const command = new Command('keys').description('what tokens are signed with');

  command
    .command('list')
    .description('the next key, the one that signs, and the previous ones, which still verify')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  portico keys list --json')
    .action(async ({ json }: { json?: boolean }) => {
      const keys = (await withKeys(deps, ({ store }) => listSigningKeys(store))).map(describe);
      deps.write(json ? JSON.stringify(keys, null, 2) : keys.map(print).join('\n') || 'no keys');
    });

  command
    .command('rotate')
    .description('the next key signs from now on; the one that signed only verifies, until it is revoked')
    .option('--force', 'also if the next key has been published for less than a minute')
    .addHelpText('after', '\nNobody is signed out, and no broker is restarted.\n\nExample:\n  portico keys rotate')
    .action(async ({ force = false }: { force?: boolean }) => {
      const rotation = await withKeys(deps, (keys) => rotateSigningKeys(keys, force ? 'hurry' : 'safe'));
      if (rotation.kind === 'no-keys') throw new CommandError('there are no keys: the broker has not been started yet');
      if (rotation.kind === 'too-early') {
        const until = rotation.until.toISOString();
        throw new CommandError(
          `the next key is too new, somebody may not know it yet: wait until ${until}, or use --force`,
        );
      }
      deps.write(`signing with ${rotation.signing.id}`);
    });

  command
    .command('revoke')
    .description('nothing that this key has signed is valid any more')
    .argument('<kid>', 'as the list has it')
    .addHelpText('after', '\nThe key that signs has to be rotated first.\n\nExample:\n  portico keys revoke 4nGxk1dQ0…')
    .action(async (kid: string) => {
      const revocation = await withKeys(deps, (keys) => revokeSigningKey(keys, kid));
      if (revocation === 'unknown') throw new CommandError(`there is no key ${kid}`);
      if (revocation === 'current') throw new CommandError(`${kid} is the key that signs: rotate first`);
      deps.write(`revoked ${kid}`);
    });

  return command;
}

const withKeys = <Result>(deps: CliDeps, work: (keys: SigningKeysDeps) => Promise<Result>): Promise<Result> =>
  withStore(deps.readStoreSettings(), ({ store, vault }) => work({ store, vault, clock: deps.clock }));

const describe = ({ id, state, createdAt }: StoredKey) => ({ kid: id, state, createdAt });

const print = ({ kid, state, createdAt }: ReturnType<typeof describe>): string =>
  `${state.padEnd(8)}  ${kid}  ${createdAt.toISOString()}`;
