import { api, type BenchClient, benchClient, rotatingClient } from './bench-client.ts';

export const mappingConnection = 'stub-mapping';
export const scriptConnection = 'stub-script';

/** The one request that a profile script cannot do without. */
const profileScript = (userinfoUrl: string): string => `function fetchUserProfile(accessToken, context, callback) {
  request.get(
    { url: '${userinfoUrl}', headers: { Authorization: 'Bearer ' + accessToken }, json: true },
    function (error, response, body) {
      if (error) return callback(error);
      if (response.statusCode !== 200) return callback(new Error('userinfo answered ' + response.statusCode));
      callback(null, {
        user_id: body.id,
        email: body.email,
        email_verified: body.email_verified,
        name: body.name,
        picture: body.picture
      });
    }
  );
}`;

const profileMapping = {
  user_id: 'id',
  email: 'email',
  email_verified: 'email_verified',
  name: 'name',
  picture: 'picture',
};

const seedClient = (client: BenchClient) => ({
  client_id: client.clientId,
  client_secret: client.clientSecret,
  name: client.clientId,
  app_type: 'regular_web',
  token_endpoint_auth_method: 'client_secret_post',
  callbacks: [client.redirectUri],
  grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
  refresh_token: { rotation_type: client.rotation, expiration_type: 'expiring' },
});

export function porticoSeed(providerUrl: string) {
  const clients = [benchClient, rotatingClient];
  const options = {
    authorizationURL: `${providerUrl}/authorize`,
    tokenURL: `${providerUrl}/token`,
    client_id: 'bench',
    client_secret: 'bench-secret',
    scope: 'profile email',
    pkce_enabled: true,
  };
  const userinfoUrl = `${providerUrl}/userinfo`;
  const connection = (name: string, more: object) => ({
    name,
    strategy: 'oauth2',
    display_name: name,
    enabled_clients: clients.map(({ clientId }) => clientId),
    options: { ...options, ...more },
  });
  return {
    resource_servers: [
      {
        identifier: api.audience,
        name: 'Things',
        scopes: [{ value: api.scope, description: 'Read things' }],
        allow_offline_access: true,
      },
    ],
    clients: clients.map(seedClient),
    client_grants: clients.map(({ clientId }) => ({ client_id: clientId, audience: api.audience, scope: [api.scope] })),
    connections: [
      connection(mappingConnection, { userInfoURL: userinfoUrl, profileMapping }),
      connection(scriptConnection, { scripts: { fetchUserProfile: profileScript(userinfoUrl) } }),
    ],
  };
}
