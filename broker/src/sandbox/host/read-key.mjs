import { createPrivateKey, createPublicKey } from 'node:crypto';
import { readBytes } from './read-bytes.mjs';

/* Keys come from scripts: they are bounded before OpenSSL sees them, and read as the kind that the operation needs. */

const maxKeyLength = 16 * 1024;
const maxPrivateBits = 4096;

/** @param {boolean} isPrivate a public key is never taken for a private one, nor a secret for either */
export function readKey({ key, passphrase }, isPrivate) {
  // The key itself would say how often its passphrase is to be hashed.
  if (passphrase !== undefined) throw new RangeError('Keys with a passphrase are not supported.');
  if (typeof key !== 'object' || key === null) throw new TypeError('The key is missing.');
  const text = key.jwk === undefined ? (key.der ?? key.pem) : JSON.stringify(key.jwk);
  if (typeof text !== 'string') throw new TypeError('The key is neither a PEM, nor a DER, nor a JWK.');
  if (text.length > maxKeyLength) throw new RangeError('The key is too long.');
  const read = isPrivate ? createPrivateKey(keyOptions(key, 'pkcs8')) : createPublicKey(keyOptions(key, 'spki'));
  const bits = read.asymmetricKeyDetails?.modulusLength ?? 0;
  if (isPrivate && bits > maxPrivateBits) throw new RangeError(`Private keys have at most ${maxPrivateBits} bits.`);
  return read;
}

function keyOptions({ pem, der, jwk, type }, usualType) {
  if (jwk !== undefined) return { key: jwk, format: 'jwk' };
  return der === undefined ? { key: pem } : { key: readBytes(der), format: 'der', type: type ?? usualType };
}

/** All that the guest's KeyObject is made of. */
export function describeKey(key) {
  const { publicExponent, ...details } = key.asymmetricKeyDetails ?? {};
  return {
    type: key.type,
    asymmetricKeyType: key.asymmetricKeyType,
    details: publicExponent === undefined ? details : { ...details, publicExponent: String(publicExponent) },
    pem: key.export({ format: 'pem', type: key.type === 'private' ? 'pkcs8' : 'spki' }),
    jwk: exportJwk(key),
  };
}

/** Some kinds of keys have no such form. */
function exportJwk(key) {
  try {
    return key.export({ format: 'jwk' });
  } catch {
    return undefined;
  }
}
