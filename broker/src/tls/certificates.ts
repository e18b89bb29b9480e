import type { Clock } from '../core/clock.ts';
import { openSelfSigned, type SelfSigned, type SelfSignedPlace } from './self-signed.ts';

export type Certificates = {
  readonly current: SelfSigned;
  /** Makes a new one when its time has come and gives it to `use`; cheap otherwise. */
  renew(use: (certificate: SelfSigned) => void): void;
};

/** The certificate of a server that goes by its issuer's host and the names of loopback. */
export function createCertificates(deps: {
  readonly directory: string;
  readonly issuerUrl: string;
  readonly clock: Clock;
}): Certificates {
  const host = new URL(deps.issuerUrl).hostname.replace(/^\[|\]$/g, '');
  const place: SelfSignedPlace = {
    directory: deps.directory,
    names: [...new Set([host, 'localhost', '127.0.0.1', '::1'])],
  };
  let current = openSelfSigned(place, deps.clock.now());
  return {
    get current() {
      return current;
    },
    renew(use) {
      const now = deps.clock.now();
      if (now < current.renewAt) return;
      current = openSelfSigned(place, now);
      use(current);
    },
  };
}
