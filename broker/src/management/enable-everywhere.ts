import type { Client } from '../core/client.ts';
import { enablesNewClients } from '../wire/management/tenant-object.ts';
import { changeConnection } from './connection-changes.ts';
import type { ManagementDeps } from './deps.ts';
import type { Acting } from './endpoint.ts';

/**
 * Auth0: with the flag `enable_client_connections` a new application may use every connection at once. One of a third
 * party gets what somebody gives it.
 */
export async function enableEverywhere(
  deps: ManagementDeps,
  call: Acting,
  { id: clientId, isFirstParty }: Pick<Client, 'id' | 'isFirstParty'>,
): Promise<void> {
  const { settings, connections } = await deps.directory.read();
  if (!isFirstParty || !enablesNewClients(settings)) return;
  for (const { id } of connections) {
    await changeConnection(deps, call, {
      id,
      description: 'Enable a new application for a connection',
      apply: (known) => ({
        ...known,
        enabledClients: new Set([...known.enabledClients, clientId]),
        updatedAt: deps.clock.now(),
      }),
    });
  }
}
