import type { Connection } from './connection.ts';
import { providerAddresses, unicodeHostOf } from './provider-address.ts';

export const connectionWarningCodes = [
  'shared_callback_without_iss',
  'shared_registration',
  'secret_missing',
  'no_profile_source',
  'international_host',
] as const;

/** Something about a connection that works, and that an operator should know of. */
export type ConnectionWarning = {
  readonly code: (typeof connectionWarningCodes)[number];
  readonly connection: string;
  readonly message: string;
};

/** What there is to say about these connections as they stand together. Those that sign nobody in are passed over. */
export function warningsOf(all: readonly Connection[]): readonly ConnectionWarning[] {
  const connections = all.filter(({ isForSignIn, enabledClients }) => isForSignIn && enabledClients.size > 0);
  return connections.flatMap((connection) => {
    const others = connections.filter(({ id }) => id !== connection.id);
    const { options } = connection;
    const warnings: ConnectionWarning[] = [];
    const warn = (code: ConnectionWarning['code'], message: string) =>
      warnings.push({ code, connection: connection.name, message });
    if (isUnbound(connection) && others.some(isUnbound)) {
      warn(
        'shared_callback_without_iss',
        'a malicious provider among the connections could be sent its codes: set callback_per_connection, or issuer where the provider sends iss',
      );
    }
    const twin = others.find(
      (other) => registrationOf(other) !== undefined && registrationOf(other) === registrationOf(connection),
    );
    if (twin !== undefined) {
      warn(
        'shared_registration',
        `${twin.name} has the same client_id at the same provider: register a client for each`,
      );
    }
    if (needsSecret(connection) && !options.client_secret) {
      warn('secret_missing', 'it has no client_secret, so the provider will probably refuse the code');
    }
    if (!options.scripts?.fetchUserProfile && !options.userInfoURL && !options.issuer) {
      warn('no_profile_source', 'it has neither a profile script nor userInfoURL nor issuer: nobody can sign in');
    }
    for (const name of providerAddresses) {
      const host = unicodeHostOf(options[name]);
      if (host === undefined) continue;
      warn(
        'international_host',
        `${name}: ${host.ascii} is ${host.unicode}: look whether it is the host that is meant`,
      );
    }
    return warnings;
  });
}

/** Only the transaction knows whose answer it is (RFC 9700 §4.4). */
const isUnbound = ({ options }: Connection): boolean =>
  options.callback_per_connection !== true &&
  !(options.issuer !== undefined && options.authorization_response_iss_parameter_supported === true);

function registrationOf({ options }: Connection): string | undefined {
  const host = URL.parse(options.authorizationURL ?? '')?.host;
  return host === undefined || options.client_id === undefined ? undefined : `${options.client_id} ${host}`;
}

const needsSecret = ({ options }: Connection): boolean =>
  options.tokenURL !== undefined &&
  options.token_endpoint_auth_method !== 'none' &&
  options.pkce_enabled !== true &&
  !Object.keys(options.customHeaders ?? {}).some((name) => name.toLowerCase() === 'authorization');

/** What a change does that may not have been meant, in words for the log. */
export function warningsOfChange(known: Connection, changed: Connection): readonly string[] {
  const hostOf = ({ options }: Connection, name: 'authorizationURL' | 'tokenURL') =>
    URL.parse(options[name] ?? '')?.host;
  const moved = (['authorizationURL', 'tokenURL'] as const).filter(
    (name) => hostOf(known, name) !== undefined && hostOf(known, name) !== hostOf(changed, name),
  );
  return [
    ...(known.options.client_secret && !changed.options.client_secret
      ? ['options were replaced without client_secret: the secret is gone']
      : []),
    ...moved.map(
      (name) =>
        `${name} leads to another host: people of the old provider are people of the new one if it says the same ids`,
    ),
  ];
}
