import { ask, base64, encoded, later } from './ask-crypto.mjs';

/* Keys from passwords and secrets. The host bounds the work of a call and of a run. */

const inBytes = (question) => encoded(ask(question).data);

export const pbkdf2Sync = (secret, salt, iterations, size, algorithm) =>
  inBytes({ op: 'pbkdf2', secret: base64(secret), salt: base64(salt), iterations, size, algorithm });

export const pbkdf2 = (secret, salt, iterations, size, algorithm, callback) =>
  later(callback, () => pbkdf2Sync(secret, salt, iterations, size, algorithm));

/** Node gives an ArrayBuffer. */
export const hkdfSync = (algorithm, secret, salt, info, size) => {
  const question = { op: 'hkdf', algorithm, secret: base64(secret), salt: base64(salt), info: base64(info), size };
  return Uint8Array.from(inBytes(question)).buffer;
};

export const hkdf = (algorithm, secret, salt, info, size, callback) =>
  later(callback, () => hkdfSync(algorithm, secret, salt, info, size));

export function scryptSync(secret, salt, size, options = {}) {
  const cost = options.cost ?? options.N ?? 16_384;
  const blockSize = options.blockSize ?? options.r ?? 8;
  const parallelization = options.parallelization ?? options.p ?? 1;
  return inBytes({
    op: 'scrypt',
    secret: base64(secret),
    salt: base64(salt),
    size,
    cost,
    blockSize,
    parallelization,
  });
}

export const scrypt = (secret, salt, size, options, callback) =>
  typeof options === 'function'
    ? later(options, () => scryptSync(secret, salt, size))
    : later(callback, () => scryptSync(secret, salt, size, options));
