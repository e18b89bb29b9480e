import { createHash, diffieHellman, generateKeyPairSync, hkdfSync, pbkdf2Sync, scryptSync } from 'node:crypto';
import { readBytes } from './read-bytes.mjs';
import { describeKey, readKey } from './read-key.mjs';

/*
 * Derived and new keys. What is made to be slow has a bound on its work: 0.1 s of the host's one thread is what a call
 * may take, and the budget of answer-crypto.mjs what all calls of a run may.
 */

const maxDerivedBytes = 4096;
const maxPbkdf2Work = 100_000;
const maxScryptWork = 16_384 * 8;
const maxScryptBytes = 64 * 1024 * 1024;
const curves = ['P-256', 'P-384', 'P-521', 'secp256k1', 'prime256v1', 'secp384r1', 'secp521r1'];
const curveTypes = ['ed25519', 'x25519'];
const agreementTypes = ['ec', 'x25519'];

const inBase64 = (data) => ({ data: Buffer.from(data).toString('base64') });

function checkInteger(name, value, most) {
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new RangeError(`${name} must be an integer from 1 to ${most}.`);
}

const checkLength = (size) => (size === 0 ? 0 : checkInteger('The length of a derived key', size, maxDerivedBytes));

export function pbkdf2({ secret, salt, iterations, size, algorithm }) {
  const length = checkLength(size);
  // Each block of the hash's size costs all iterations.
  const blocks = Math.max(1, Math.ceil(length / createHash(algorithm).digest().length));
  checkInteger('The number of iterations', iterations, Math.floor(maxPbkdf2Work / blocks));
  return inBase64(pbkdf2Sync(readBytes(secret), readBytes(salt), iterations, length, algorithm));
}

export function hkdf({ secret, salt, info, size, algorithm }) {
  return inBase64(hkdfSync(algorithm, readBytes(secret), readBytes(salt), readBytes(info), checkLength(size)));
}

export function scrypt({ secret, salt, size, cost, blockSize, parallelization }) {
  checkInteger('The cost', cost, maxScryptWork);
  checkInteger('The block size', blockSize, maxScryptWork);
  checkInteger('The parallelization', parallelization, maxScryptWork);
  if (cost * blockSize * parallelization > maxScryptWork) {
    throw new RangeError(`cost × blockSize × parallelization must be at most ${maxScryptWork}.`);
  }
  const options = { cost, blockSize, parallelization, maxmem: maxScryptBytes };
  return inBase64(scryptSync(readBytes(secret), readBytes(salt), checkLength(size), options));
}

/** Elliptic curves only: an RSA key can take seconds. */
export function generate({ type, curve }) {
  const isNamed = type === 'ec' && curves.includes(curve);
  if (!isNamed && !curveTypes.includes(type)) {
    throw new RangeError(`New keys are of type ec (${curves.join(', ')}), ${curveTypes.join(' or ')}.`);
  }
  const { publicKey, privateKey } = generateKeyPairSync(type, isNamed ? { namedCurve: curve } : undefined);
  return { publicKey: describeKey(publicKey), privateKey: describeKey(privateKey) };
}

export function agree(question) {
  const privateKey = readKey(question.privateKey ?? {}, true);
  const publicKey = readKey(question.publicKey ?? {}, false);
  if (!agreementTypes.includes(privateKey.asymmetricKeyType)) {
    throw new RangeError(`Keys are agreed on with keys of type ${agreementTypes.join(' or ')}.`);
  }
  return inBase64(diffieHellman({ privateKey, publicKey }));
}
