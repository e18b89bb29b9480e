import { type TProperties, Type } from '@sinclair/typebox';
import { appTypes } from '../../../core/client.ts';
import { newClientWire } from '../client-object.ts';
import { clientWire } from '../clients.ts';
import { count, flag, keptOf, listOf, oneOf, open, orPart, text, texts, time } from './shapes.ts';

const maybe = Type.Optional;

const known: TProperties = {
  client_id: text(),
  name: text(),
  app_type: maybe(oneOf(appTypes, 'Not there: nobody has said.')),
  description: maybe(text()),
  tenant: maybe(text('The host name of the issuer.')),
  global: maybe(flag('Whether it is the one that stands for all applications.')),
  client_secret: maybe(text('With read:client_keys, or for who has just made or changed it.')),
  signing_keys: maybe(
    Type.Array(Type.Object({ cert: text('PEM.') }), { description: 'What its tokens are signed with.' }),
  ),
  client_authentication_methods: maybe(
    Type.Object({
      private_key_jwt: Type.Object({
        credentials: Type.Array(
          Type.Object({ id: text() }, { additionalProperties: true, description: 'All of it when it is made.' }),
        ),
      }),
    }),
  ),
  encryption_key: maybe(Type.Unknown({ description: 'Kept and shown as it came, like the secret.' })),
  is_first_party: maybe(flag('Whether people are not asked what it may do.')),
  oidc_conformant: maybe(flag()),
  token_endpoint_auth_method: maybe(clientWire.properties.token_endpoint_auth_method),
  grant_types: maybe(texts()),
  callbacks: maybe(texts('Where people may be sent back to.')),
  allowed_logout_urls: maybe(texts()),
  web_origins: maybe(texts('For silent sign-ins and web messages.')),
  allowed_origins: maybe(texts('For requests of pages across origins.')),
  initiate_login_uri: maybe(text()),
  logo_uri: maybe(text()),
  require_pushed_authorization_requests: maybe(flag()),
  require_proof_of_possession: maybe(flag()),
  redirection_policy: maybe(clientWire.properties.redirection_policy),
  skip_non_verifiable_callback_uri_confirmation_prompt: maybe(flag()),
  is_token_endpoint_ip_header_trusted: maybe(flag()),
  cross_origin_authentication: maybe(flag()),
  sso_disabled: maybe(flag()),
  custom_login_page_on: maybe(flag()),
  jwt_configuration: maybe(
    Type.Object(
      {
        alg: maybe(text()),
        lifetime_in_seconds: maybe(count()),
        secret_encoded: maybe(flag('Whether the secret is base64url of what HS256 signs with.')),
      },
      { additionalProperties: true, description: 'Of ID tokens.' },
    ),
  ),
  refresh_token: maybe(
    Type.Object(
      {
        rotation_type: oneOf(['rotating', 'non-rotating']),
        expiration_type: oneOf(['expiring', 'non-expiring']),
        leeway: maybe(count('Seconds in which a rotated token still works.')),
        token_lifetime: maybe(count('In seconds.')),
        infinite_token_lifetime: maybe(flag()),
        idle_token_lifetime: maybe(count('In seconds.')),
        infinite_idle_token_lifetime: maybe(flag()),
        policies: maybe(Type.Array(Type.Object({ audience: text(), scope: texts() }))),
      },
      { additionalProperties: true },
    ),
  ),
  oidc_logout: maybe(Type.Object({ backchannel_logout_urls: maybe(texts()) }, { additionalProperties: true })),
  token_exchange: maybe(Type.Object({ allow_any_profile_of_type: maybe(texts()) }, { additionalProperties: true })),
  client_metadata: maybe(open('Up to ten texts by name.')),
};

export const clientAnswer = Type.Object(
  { ...known, ...keptOf(Type.Omit(newClientWire, ['oidc_backchannel_logout']), known) },
  {
    $id: 'Client',
    description:
      'An application. With read:client_summary alone: client_id, name, app_type, description. What nobody has set may be left out.',
  },
);
export const clientOrPart = orPart(clientAnswer, ['client_id']);
export const clientList = listOf('clients', clientOrPart);

export const credentialAnswer = Type.Object(
  {
    id: text(),
    name: text(),
    kid: text('The thumbprint of the key.'),
    alg: oneOf(['RS256', 'RS384', 'PS256']),
    credential_type: oneOf(['public_key']),
    created_at: time(),
    updated_at: time(),
    expires_at: maybe(time('Not there: it does not expire.')),
  },
  { $id: 'ClientCredential', description: 'A public key that an application proves itself with.' },
);
export const credentialList = Type.Array(credentialAnswer);
