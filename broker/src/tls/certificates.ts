import type { Clock } from '../core/clock.ts';
import { ConfigError } from '../core/errors.ts';
import { openSelfSigned, type SelfSigned, type SelfSignedPlace } from './self-signed.ts';

export type Certificates = {
  readonly current: SelfSigned;
  /** Makes a new one when its time has come and gives it to `use`; cheap otherwise. Never throws. */
  renew(use: (certificate: SelfSigned) => void): void;
};

type CertificatesDeps = {
  readonly directory: string;
  readonly issuerUrl: string;
  readonly clock: Clock;
  /** A renewal that failed; the old certificate is used on, and the next call tries again. */
  readonly onError: (error: unknown) => void;
};

/**
 * The certificate of a server that goes by its issuer's host and the names of loopback.
 *
 * @throws ConfigError when the directory cannot be used
 */
export function createCertificates({ directory, issuerUrl, clock, onError }: CertificatesDeps): Certificates {
  const host = new URL(issuerUrl).hostname.replace(/^\[|\]$/g, '');
  const place: SelfSignedPlace = { directory, names: [...new Set([host, 'localhost', '127.0.0.1', '::1'])] };
  let current = openAtStart(place, clock.now());
  return {
    get current() {
      return current;
    },
    renew(use) {
      const now = clock.now();
      if (now < current.renewAt) return;
      try {
        current = openSelfSigned(place, now);
        use(current);
      } catch (error) {
        onError(error);
      }
    },
  };
}

function openAtStart(place: SelfSignedPlace, now: Date): SelfSigned {
  try {
    return openSelfSigned(place, now);
  } catch (cause) {
    const { message } = cause as Error;
    const advice = 'name another one, or remove it to have new certificates';
    throw new ConfigError([`PORTICO_TLS_DIR: ${place.directory} cannot be used (${message}); ${advice}`], { cause });
  }
}
