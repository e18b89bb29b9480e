import type { RepositoryDeps } from '../compile.ts';
import type { StoredLogs } from '../log-queue.ts';
import type { Store } from '../store.ts';
import { createActions } from './actions.ts';
import { createAttempts } from './attempts.ts';
import { createClientGrants } from './client-grants.ts';
import { createClients } from './clients.ts';
import { createCodes } from './codes.ts';
import { createConnectionVersions } from './connection-versions.ts';
import { createConnections } from './connections.ts';
import { createDailyLogins } from './daily-logins.ts';
import { createDeviceCodes } from './device-codes.ts';
import { createGrants } from './grants.ts';
import { createIdentities } from './identities.ts';
import { createJobs } from './jobs.ts';
import { createKeys } from './keys.ts';
import { createLogoutNotices } from './logout-notices.ts';
import { createLogs } from './logs.ts';
import { createModules } from './modules.ts';
import { createPushedRequests } from './pushed-requests.ts';
import { createRateBuckets } from './rate-buckets.ts';
import { createRefreshTokens } from './refresh-tokens.ts';
import { createResourceServers } from './resource-servers.ts';
import { createRules } from './rules.ts';
import { createSessions } from './sessions.ts';
import { createSpentProofs } from './spent-proofs.ts';
import { createTenant } from './tenant.ts';
import { createTokenExchangeProfiles } from './token-exchange-profiles.ts';
import { createTransactions } from './transactions.ts';
import { createUserGrants } from './user-grants.ts';
import { createUsers } from './users.ts';

export const createRepositories = (deps: RepositoryDeps) =>
  ({
    tenant: createTenant(deps),
    clients: createClients(deps),
    clientGrants: createClientGrants(deps),
    resourceServers: createResourceServers(deps),
    connections: createConnections(deps),
    connectionVersions: createConnectionVersions(deps),
    actions: createActions(deps),
    rules: createRules(deps),
    modules: createModules(deps),
    keys: createKeys(deps),
    users: createUsers(deps),
    identities: createIdentities(deps),
    transactions: createTransactions(deps),
    sessions: createSessions(deps),
    codes: createCodes(deps),
    deviceCodes: createDeviceCodes(deps),
    tokenExchangeProfiles: createTokenExchangeProfiles(deps),
    pushedRequests: createPushedRequests(deps),
    spentProofs: createSpentProofs(deps),
    rateBuckets: createRateBuckets(deps),
    refreshTokens: createRefreshTokens(deps),
    grants: createGrants(deps),
    userGrants: createUserGrants(deps),
    logoutNotices: createLogoutNotices(deps),
    logs: createLogs(deps),
    dailyLogins: createDailyLogins(deps),
    attempts: createAttempts(deps),
    jobs: createJobs(deps),
  }) satisfies Partial<Omit<Store, 'logs'>> & { logs: StoredLogs };
