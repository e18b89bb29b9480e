import { readFileSync } from 'node:fs';
import type { Kept } from './kept.ts';
import { hilltop, type Service, streamline } from './provider/service.ts';
import type { DemoSettings } from './settings.ts';

/** Both services, with the broker as their registered application. */
export function makeServices(kept: Kept, { issuer }: DemoSettings): { streamline: Service; hilltop: Service } {
  const redirectUri = `${issuer}login/callback`;
  return {
    streamline: streamline(kept.streamline, redirectUri),
    hilltop: hilltop(kept.hilltop, redirectUri),
  };
}

const profileScript = readFileSync(
  new URL('../profile-scripts/fetch-netflix-user-profile.js', import.meta.url),
  'utf8',
);

/** The script is the guide's, word for word but for its address. */
const scriptFor = (baseUrl: string): string => profileScript.replace('https://api.netflix.com/v1', () => baseUrl);

const oauthOptions = (service: Service, providerUrl: string) => ({
  client_id: service.client.id,
  client_secret: service.client.secret,
  authorizationURL: `${providerUrl}${service.authorizePath}`,
  tokenURL: `${providerUrl}${service.tokenPath}`,
  scope: Object.keys(service.scopes).join(' '),
  icon_url: `${providerUrl}/logos/${service.id}.svg`,
});

/** The guide's two connections: one with a profile script, one with a mapping. */
export function makeConnections(kept: Kept, settings: DemoSettings) {
  const services = makeServices(kept, settings);
  const { url } = settings.provider;
  return [
    {
      name: 'netflix-custom',
      display_name: 'Netflix (demo)',
      strategy: 'oauth2',
      enabled_clients: [kept.spa.id],
      options: {
        ...oauthOptions(services.streamline, url),
        token_endpoint_auth_method: 'client_secret_post',
        pkce_enabled: true,
        scripts: { fetchUserProfile: scriptFor(`${url}/netflix/v1`) },
      },
    },
    {
      name: 'hulu-custom',
      display_name: 'Hulu (demo)',
      strategy: 'oauth2',
      enabled_clients: [kept.spa.id],
      options: {
        ...oauthOptions(services.hilltop, url),
        userInfoURL: `${url}/hulu/v1/users/me`,
        profileMapping: { user_id: 'userId', email: 'userEmail', name: 'userName', picture: 'profileImage' },
      },
    },
  ];
}
