import { afterAll, beforeAll, describe } from 'vitest';
import { attemptTests } from './conformance/attempts.ts';
import { configurationTests } from './conformance/configuration.ts';
import { databaseTests } from './conformance/database.ts';
import { deviceCodeTests } from './conformance/device-codes.ts';
import { jobTests } from './conformance/jobs.ts';
import { logQueueTests } from './conformance/log-queue.ts';
import { logRetentionTests } from './conformance/log-retention.ts';
import { peopleTests } from './conformance/people.ts';
import { proofTests } from './conformance/proofs.ts';
import { refreshTokenTests } from './conformance/refresh-tokens.ts';
import { scriptTests } from './conformance/scripts.ts';
import { shortLivedTests } from './conformance/short-lived.ts';
import type { Subject } from './conformance/subject.ts';
import { userGrantTests } from './conformance/user-grants.ts';
import { userSearchTests } from './conformance/user-search.ts';
import { openStore } from './open-store.ts';

const parts = {
  configuration: configurationTests,
  people: peopleTests,
  'user search': userSearchTests,
  scripts: scriptTests,
  'short-lived rows': shortLivedTests,
  'refresh tokens': refreshTokenTests,
  'device codes': deviceCodeTests,
  proofs: proofTests,
  'user grants': userGrantTests,
  attempts: attemptTests,
  jobs: jobTests,
  'log queue': logQueueTests,
  'log retention': logRetentionTests,
  database: databaseTests,
};

/** What every database must do. `createUrl` answers the URL of an empty one. */
export function describeStore(name: string, createUrl: () => Promise<string>): void {
  for (const [part, tests] of Object.entries(parts)) {
    describe(`${name}: ${part}`, () => {
      const subject = { errors: [], createUrl } as unknown as Subject;
      beforeAll(async () => {
        subject.url = await createUrl();
        subject.store = await openStore({ url: subject.url, onError: (error) => subject.errors.push(error) });
      });
      afterAll(() => subject.store.close());
      tests(subject);
    });
  }
}
