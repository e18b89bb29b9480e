import nodeCrypto from 'node:crypto';
import { toBytes } from './ask-crypto.mjs';
import { cryptoKeyOf, keyObjectOf, readAlgorithm, refuse } from './crypto-key.mjs';

/* Keys of Web Crypto in and out: raw, spki, pkcs8 and jwk. */
const { Buffer } = globalThis;
const toArrayBuffer = (bytes) => Uint8Array.from(bytes).buffer;

function read(make) {
  try {
    return make();
  } catch (error) {
    throw refuse('DataError', `Invalid keyData: ${error.message}`);
  }
}

/** An uncompressed point (SEC 1 §2.3.3), as a JWK. */
function readPoint(bytes, { name, namedCurve }) {
  if (name === 'Ed25519' || name === 'X25519') return { kty: 'OKP', crv: name, x: bytes.toString('base64url') };
  const size = (bytes.length - 1) / 2;
  if (bytes[0] !== 4 || !Number.isInteger(size)) throw refuse('DataError', 'Invalid keyData');
  const [x, y] = [bytes.subarray(1, 1 + size), bytes.subarray(1 + size)];
  return { kty: 'EC', crv: namedCurve, x: x.toString('base64url'), y: y.toString('base64url') };
}

const isSymmetric = ({ name }) => /^(?:HMAC|AES-|PBKDF2|HKDF)/.test(name);

function readJwk(jwk, algorithm, extractable, usages) {
  if (typeof jwk !== 'object' || jwk === null) throw refuse('DataError', 'Invalid keyData');
  if (jwk.ext === false && extractable) throw refuse('DataError', 'JWK "ext" Parameter and extractable mismatch');
  if (Array.isArray(jwk.key_ops) && !Array.from(usages).every((usage) => jwk.key_ops.includes(usage))) {
    throw refuse('DataError', 'Key operations and usage mismatch');
  }
  if (!isSymmetric(algorithm)) {
    const create = jwk.d === undefined ? nodeCrypto.createPublicKey : nodeCrypto.createPrivateKey;
    return read(() => create({ key: jwk, format: 'jwk' }));
  }
  if (jwk.kty !== 'oct' || typeof jwk.k !== 'string') throw refuse('DataError', 'Invalid JWK "kty" Parameter');
  return nodeCrypto.createSecretKey(Buffer.from(jwk.k, 'base64url'));
}

const readers = {
  __proto__: null,
  raw(data, algorithm) {
    const bytes = Buffer.from(toBytes(typeof data === 'string' ? undefined : data));
    if (isSymmetric(algorithm)) return nodeCrypto.createSecretKey(bytes);
    return read(() => nodeCrypto.createPublicKey({ key: readPoint(bytes, algorithm), format: 'jwk' }));
  },
  spki: (data) =>
    read(() => nodeCrypto.createPublicKey({ key: Buffer.from(toBytes(data)), format: 'der', type: 'spki' })),
  pkcs8: (data) =>
    read(() => nodeCrypto.createPrivateKey({ key: Buffer.from(toBytes(data)), format: 'der', type: 'pkcs8' })),
  jwk: readJwk,
};

export function importKey(format, data, given, extractable, usages) {
  const algorithm = readAlgorithm(given);
  const reader = readers[format];
  if (reader === undefined) throw refuse('NotSupportedError', `The format ${format} is not supported.`);
  return cryptoKeyOf(reader(data, algorithm, extractable, usages ?? []), algorithm, extractable, usages);
}

const jwkNames = {
  __proto__: null,
  'RSASSA-PKCS1-v1_5': (size) => (size === '1' ? 'RS1' : `RS${size}`),
  'RSA-PSS': (size) => (size === '1' ? 'PS1' : `PS${size}`),
  'RSA-OAEP': (size) => (size === '1' ? 'RSA-OAEP' : `RSA-OAEP-${size}`),
  HMAC: (size) => `HS${size}`,
};

function toJwk(key, found) {
  const { name, hash, length } = key.algorithm;
  const alg = name.startsWith('AES-') ? `A${length}${name.slice(4)}` : jwkNames[name]?.(hash.name.slice(4));
  const jwk = { ...found.export({ format: 'jwk' }), key_ops: [...key.usages], ext: true };
  return alg === undefined ? jwk : { ...jwk, alg };
}

function toRaw(key, found) {
  if (key.type === 'secret') return toArrayBuffer(found.export());
  const { x, y } = key.type === 'public' ? found.export({ format: 'jwk' }) : {};
  if (x === undefined) throw refuse('NotSupportedError', 'The key has no raw form.');
  const parts = [x, y].filter((part) => part !== undefined).map((part) => Buffer.from(part, 'base64url'));
  return toArrayBuffer(Buffer.concat(y === undefined ? parts : [Buffer.from([4]), ...parts]));
}

export function exportKey(format, key) {
  const found = keyObjectOf(key);
  if (!key.extractable) throw refuse('InvalidAccessError', 'key is not extractable');
  if (format === 'jwk') return toJwk(key, found);
  if (format === 'raw') return toRaw(key, found);
  const types = { spki: 'public', pkcs8: 'private' };
  if (types[format] !== key.type) throw refuse('NotSupportedError', `The key has no form ${format}.`);
  return toArrayBuffer(found.export({ format: 'der', type: format }));
}
