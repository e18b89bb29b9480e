import type { Connection } from '../core/connection.ts';
import { UpstreamError } from '../core/errors.ts';

export function getClientId({ name, options }: Connection): string {
  if (options.client_id) return options.client_id;
  throw new UpstreamError('configuration', 'no_client_id', `Connection ${name} has no client_id`);
}
