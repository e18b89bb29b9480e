import { makeConnections } from './connections.ts';
import type { Kept } from './kept.ts';
import type { DemoSettings } from './settings.ts';

/** The Management API scopes that the guide asks for. */
const managementScopes = [
  'read:connections',
  'create:connections',
  'update:connections',
  'delete:connections',
  'read:users',
  'update:users',
  'create:users',
  'read:user_idp_tokens',
];

/** What the broker fills its empty tenant with, in the spelling of the Management API. */
export function makeSeed(kept: Kept, settings: DemoSettings) {
  return {
    tenant: { friendly_name: 'Watchlog' },
    resource_servers: [
      {
        identifier: settings.audience,
        name: 'Watchlog API',
        scopes: [{ value: 'read:profile', description: 'Read your profile' }],
        allow_offline_access: true,
        token_lifetime: 86_400,
      },
    ],
    clients: [
      {
        client_id: kept.spa.id,
        name: 'Watchlog',
        app_type: 'spa',
        token_endpoint_auth_method: 'none',
        callbacks: [`${settings.app.url}/callback`],
        allowed_logout_urls: [settings.app.url],
        web_origins: [settings.app.url],
        allowed_origins: [settings.app.url],
        grant_types: ['authorization_code', 'refresh_token'],
        refresh_token: { rotation_type: 'rotating', expiration_type: 'expiring', leeway: 0 },
      },
      {
        client_id: kept.management.id,
        client_secret: kept.management.secret,
        name: 'Watchlog management',
        app_type: 'non_interactive',
        token_endpoint_auth_method: 'client_secret_post',
        callbacks: [],
        allowed_logout_urls: [],
        web_origins: [],
        allowed_origins: [],
        grant_types: ['client_credentials'],
      },
    ],
    client_grants: [{ client_id: kept.management.id, audience: `${settings.issuer}api/v2/`, scope: managementScopes }],
    connections: makeConnections(kept, settings),
  };
}
