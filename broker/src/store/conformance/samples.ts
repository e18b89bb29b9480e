import { randomUUID } from 'node:crypto';
import type { StoredAction } from '../../core/action.ts';
import type { StoredAttempt } from '../../core/attempt.ts';
import type { Client, ClientGrant, ResourceServer } from '../../core/client.ts';
import { clientDefaults, defaultRefreshTokenSettings, resourceServerDefaults } from '../../core/client.ts';
import { addSeconds } from '../../core/clock.ts';
import { connectionDefaults, type StoredConnection } from '../../core/connection.ts';
import type { Device } from '../../core/device.ts';
import type {
  ActionId,
  ClientId,
  ConnectionId,
  GrantId,
  HandleHash,
  KeyId,
  Sealed,
  TraceId,
  UpstreamUserId,
  UserId,
} from '../../core/ids.ts';
import type { StoredKey } from '../../core/key.ts';
import type { LogEvent } from '../../core/log-event.ts';
import type { Code, RefreshToken, RevokedGrant, Session, Transaction } from '../../core/session.ts';
import type { Identity, User } from '../../core/user.ts';
import type { Store } from '../store.ts';

/* Complete domain values with ids that nobody else has, so that tests can share a database. */

export const now = new Date('2026-03-01T12:00:00.123Z');
export const later = (seconds: number): Date => addSeconds(now, seconds);

const unique = <Id extends string>(prefix: string): Id => `${prefix}_${randomUUID()}` as Id;
export const sealed = (...bytes: number[]): Sealed => Uint8Array.from(bytes) as Uint8Array as Sealed;

export const sampleClient = (more: Partial<Client> = {}): Client => ({
  ...clientDefaults,
  id: unique<ClientId>('client'),
  name: 'Streaming',
  isFirstParty: true,
  appType: 'regular_web',
  authMethod: 'client_secret_post',
  secretHash: 'hash' as HandleHash,
  sealedSecret: sealed(0, 255, 39, 0),
  callbacks: ['https://app.example/callback'],
  logoutUrls: [],
  webOrigins: [],
  allowedOrigins: [],
  grantTypes: ['authorization_code'],
  idTokenLifetimeSeconds: 36_000,
  idTokenAlgorithm: 'RS256',
  refreshToken: { ...defaultRefreshTokenSettings, rotation: 'rotating' },
  logoUrl: undefined,
  metadata: { plan: 'é 漢字 😀' },
  createdAt: now,
  updatedAt: now,
  ...more,
});

export const sampleClientGrant = (clientId: ClientId): ClientGrant => ({
  id: unique('cgr'),
  clientId,
  audience: 'https://api.example/',
  scopes: ['read:items', 'write:items'],
});

export const sampleResourceServer = (): ResourceServer => ({
  ...resourceServerDefaults,
  id: unique('rs'),
  identifier: unique('https://api.example/'),
  name: 'API',
  scopes: [{ value: 'read:items', description: 'Read items' }],
  tokenLifetimeSeconds: 86_400,
  tokenLifetimeForWebSeconds: 7200,
  allowsOfflineAccess: true,
  isSystem: false,
});

export const sampleConnection = (more: Partial<StoredConnection> = {}): StoredConnection => ({
  ...connectionDefaults,
  id: unique<ConnectionId>('con'),
  name: unique('streaming'),
  strategy: 'oauth2',
  displayName: 'Streaming',
  sealedOptions: sealed(1, 0, 2),
  enabledClients: new Set(),
  metadata: { team: 'video' },
  createdAt: now,
  updatedAt: now,
  ...more,
});

export const sampleKey = (): StoredKey => ({
  id: unique<KeyId>('key'),
  use: 'signing',
  state: 'next',
  sealedMaterial: sealed(9, 8, 7),
  publicJwk: { kty: 'RSA', n: 'abc', e: 'AQAB' },
  createdAt: now,
  currentSince: undefined,
  currentUntil: undefined,
});

export const sampleUser = (more: Partial<User> = {}): User => ({
  id: unique<UserId>('oauth2|streaming'),
  attributes: { email: 'ada@example.com', nested: { list: [1, 'two', null, true] } },
  userMetadata: {},
  appMetadata: {},
  isBlocked: false,
  loginsCount: 1,
  lastLoginAt: now,
  createdAt: now,
  updatedAt: now,
  ...more,
});

export const sampleIdentity = (connectionId: ConnectionId, userId: UserId, upstreamUserId?: string): Identity => ({
  connectionId,
  userId,
  upstreamUserId: (upstreamUserId ?? unique('upstream')) as UpstreamUserId,
  sealedTokenset: sealed(4, 5, 6),
});

export const sampleAction = (more: Partial<StoredAction> = {}): StoredAction => ({
  id: unique<ActionId>('act'),
  name: unique('Action'),
  trigger: 'post-login',
  triggerVersion: 'v2',
  runtime: 'node18',
  source: 'exports.onExecutePostLogin = () => {}; // draft',
  deployed: {
    number: 1,
    source: 'exports.onExecutePostLogin = () => {};',
    modules: [{ name: 'slug', version: '1.0.0', hash: 'a1' }],
    createdAt: now,
  },
  dependencies: [{ name: 'slug', version: 'latest' }],
  sealedSecrets: sealed(3, 0, 1),
  mayReadProviderTokens: true,
  createdAt: now,
  updatedAt: now,
  ...more,
});

export const sampleTransaction = (more: Partial<Transaction> = {}): Transaction => ({
  stateHash: unique<HandleHash>('state'),
  browserHash: unique<HandleHash>('browser'),
  traceId: unique<TraceId>('trace'),
  clientId: unique<ClientId>('client'),
  connectionId: undefined,
  request: { redirectUri: 'https://app.example/callback', scopes: ['openid'] },
  createdAt: now,
  expiresAt: later(600),
  ...more,
});

const sampleAuthorization = (userId: UserId, connectionId: ConnectionId) => ({
  grantId: unique<GrantId>('grant'),
  clientId: unique<ClientId>('client'),
  userId,
  connectionId,
  sid: 'sid',
  scopes: ['openid', 'offline_access'],
  audience: 'https://api.example/',
  authenticatedAt: now,
});

const sampleDevice: Device = {
  initial: { ip: '192.0.2.1', userAgent: 'Browser/1' },
  last: { ip: '192.0.2.2', userAgent: 'Browser/1' },
};

export const sampleSession = (userId: UserId, connectionId: ConnectionId, more: Partial<Session> = {}): Session => ({
  handleHash: unique<HandleHash>('session'),
  sid: unique('sid'),
  userId,
  connectionId,
  createdAt: now,
  authenticatedAt: now,
  lastInteractedAt: now,
  updatedAt: now,
  idleExpiresAt: later(3600),
  expiresAt: later(7200),
  device: sampleDevice,
  clientIds: [unique<ClientId>('client')],
  metadata: { place: 'London' },
  ...more,
});

export const sampleCode = (userId: UserId, connectionId: ConnectionId, more: Partial<Code> = {}): Code => ({
  ...sampleAuthorization(userId, connectionId),
  codeHash: unique<HandleHash>('code'),
  redirectUri: 'https://app.example/callback',
  isRedirectUriExplicit: true,
  challenge: 'challenge',
  challengeMethod: 'S256',
  nonce: undefined,
  traceId: unique<TraceId>('trace'),
  asksAuthTime: false,
  claims: undefined,
  createdAt: now,
  expiresAt: later(60),
  consumedAt: undefined,
  ...more,
});

export const sampleRefreshToken = (
  userId: UserId,
  connectionId: ConnectionId,
  more: Partial<RefreshToken> = {},
): RefreshToken => ({
  ...sampleAuthorization(userId, connectionId),
  id: unique('rt'),
  tokenHash: unique<HandleHash>('token'),
  createdAt: now,
  expiresAt: later(7200),
  idleExpiresAt: later(3600),
  consumedAt: undefined,
  successorId: undefined,
  isRotating: true,
  heirHash: undefined,
  lastExchangedAt: undefined,
  device: sampleDevice,
  metadata: {},
  ...more,
});

export const sampleRevokedGrant = (token: RefreshToken, more: Partial<RevokedGrant> = {}): RevokedGrant => ({
  grantId: token.grantId,
  userId: token.userId,
  clientId: token.clientId,
  issuedFrom: now,
  revokedAt: later(100),
  expiresAt: later(86_400),
  ...more,
});

export const sampleAttempt = (more: Partial<StoredAttempt> = {}): StoredAttempt => ({
  traceId: unique<TraceId>('trace'),
  at: now,
  clientId: undefined,
  connectionId: undefined,
  userId: undefined,
  isFailed: true,
  sealedRecord: sealed(1, 0, 255),
  expiresAt: later(3600),
  ...more,
});

export const sampleLogEvent = (more: Partial<LogEvent> = {}): LogEvent => ({
  id: unique('log'),
  type: 's',
  at: now,
  traceId: unique<TraceId>('trace'),
  clientId: undefined,
  connectionId: undefined,
  userId: undefined,
  userName: undefined,
  ip: '192.0.2.1',
  userAgent: 'Browser',
  description: undefined,
  details: { steps: [] },
  ...more,
});

/** A connection and a person who came in through it. */
export async function createPerson(
  store: Store,
): Promise<{ connection: StoredConnection; user: User; identity: Identity }> {
  const connection = sampleConnection();
  const user = sampleUser();
  const identity = sampleIdentity(connection.id, user.id);
  await store.writeAll([
    store.connections.create(connection),
    store.users.create(user),
    store.identities.create(identity),
  ]);
  return { connection, user, identity };
}
