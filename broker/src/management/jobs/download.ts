import { addSeconds, toEpochSeconds } from '../../core/clock.ts';
import type { Job } from '../../core/job.ts';
import { textReply } from '../../http/reply.ts';
import type { Route } from '../../http/route.ts';
import { signJwt, verifyOwnJwt } from '../../issuer/jwt.ts';
import type { ManagementDeps } from '../deps.ts';

/** Long enough to click on, and to begin a download; the address is the only proof that is asked for. */
const linkSeconds = 600;
/** A purpose of its own: no token of ours for anything else opens a file, and this one opens nothing else. */
const purpose = 'urn:portico:export';

type DownloadDeps = Pick<ManagementDeps, 'store' | 'keys' | 'clock' | 'issuerUrl'>;

/** Where an export can be fetched for a while, without a header. */
export async function downloadUrl({ keys, clock, issuerUrl }: DownloadDeps, { id, details }: Job): Promise<string> {
  const now = clock.now();
  const claims = {
    iss: issuerUrl,
    aud: purpose,
    sub: id,
    iat: toEpochSeconds(now),
    exp: toEpochSeconds(addSeconds(now, linkSeconds)),
  };
  const token = await signJwt((await keys.read()).signing, claims);
  return new URL(`exports/${token}/${id}.${String(details.format)}.gz`, issuerUrl).href;
}

/** `GET /exports/:token/:name`: the file, a piece at a time. Whatever is wrong is the same 404. */
export const downloadRoute = (deps: DownloadDeps): Route => ({
  method: 'GET',
  path: '/exports/:token/:name',
  answers: 'json',
  async handle({ pathParameters: { token = '', name = '' } }) {
    const job = await findJob(deps, token);
    if (job === undefined || name !== `${job.id}.${String(job.details.format)}.gz`) {
      return textReply(404, 'There is no such file, or no longer');
    }
    const reply = textReply(200, '', {
      'content-type': 'application/gzip',
      'content-disposition': `attachment; filename="${name}"`,
    });
    return { ...reply, parts: partsOf(deps, job) };
  },
});

async function findJob({ keys, store, clock, issuerUrl }: DownloadDeps, token: string): Promise<Job | undefined> {
  const claims = verifyOwnJwt(await keys.read(), token);
  const isGood =
    claims?.iss === issuerUrl &&
    claims.aud === purpose &&
    typeof claims.exp === 'number' &&
    claims.exp > toEpochSeconds(clock.now());
  const job = isGood ? await store.jobs.find(String(claims.sub)) : undefined;
  return job?.type === 'users_export' && job.status === 'completed' ? job : undefined;
}

async function* partsOf({ store }: DownloadDeps, { id, details }: Job): AsyncGenerator<Uint8Array> {
  for (let number = 0; number < Number(details.parts); number += 1) {
    const part = await store.jobs.findPart(id, 'output', number);
    if (part === undefined) throw new Error('a part of an export is missing');
    yield part;
  }
}
