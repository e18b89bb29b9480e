/** One of the two streaming services: the same OAuth 2.0 provider under other names, paths and fields. */
export type Service = {
  readonly id: 'streamline' | 'hilltop';
  readonly name: string;
  readonly authorizePath: string;
  readonly loginPath: string;
  readonly consentPath: string;
  readonly tokenPath: string;
  /** What the consent page says of each scope. */
  readonly scopes: Readonly<Record<string, string>>;
  readonly client: RegisteredClient;
};

/** The one application that has registered with the service: the broker. */
export type RegisteredClient = {
  readonly id: string;
  readonly secret: string;
  readonly name: string;
  /** Compared character by character. */
  readonly redirectUris: readonly string[];
};

type Registration = Pick<RegisteredClient, 'id' | 'secret'>;

const client = (registration: Registration, redirectUri: string): RegisteredClient => ({
  ...registration,
  name: 'Portico',
  redirectUris: [redirectUri],
});

/** Paths, scopes and fields of the guide's configuration for `netflix`. */
export const streamline = (registration: Registration, redirectUri: string): Service => ({
  id: 'streamline',
  name: 'Streamline',
  authorizePath: '/netflix/oauth/authorize',
  loginPath: '/netflix/oauth/login',
  consentPath: '/netflix/oauth/consent',
  tokenPath: '/netflix/api/oauth/token',
  scopes: {
    'user.read': 'See your profile and your plan',
    'user.email': 'See your email address',
    'viewing.history': 'See what you have watched',
  },
  client: client(registration, redirectUri),
});

/** Paths, scopes and fields of the guide's configuration for `hulu`. */
export const hilltop = (registration: Registration, redirectUri: string): Service => ({
  id: 'hilltop',
  name: 'Hilltop',
  authorizePath: '/hulu/v1/authorize',
  loginPath: '/hulu/v1/login',
  consentPath: '/hulu/v1/consent',
  tokenPath: '/hulu/v1/token',
  scopes: {
    'user:basic': 'See your name and your picture',
    'user:email': 'See your email address',
    'watch:history': 'See what you have watched',
  },
  client: client(registration, redirectUri),
});
