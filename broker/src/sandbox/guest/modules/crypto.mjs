import { ask, base64, encoded, later, toBytes } from './ask-crypto.mjs';
import { createCipheriv, createDecipheriv } from './ciphers.mjs';
import { hkdf, hkdfSync, pbkdf2, pbkdf2Sync, scrypt, scryptSync } from './derive-keys.mjs';
import {
  agree,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  describeKey,
  generateKeyPairSync,
  KeyObject,
} from './key-object.mjs';

/* global require: the pack's wrapper brings it */
/* Node's `crypto`, and of Web Crypto the random parts; `subtle` is a module of its own, loaded when it is used. */
const { Buffer } = globalThis;

/** Collects what is updated; `finish` asks the host once. */
class Collector {
  #chunks = [];
  update(data, encoding) {
    this.#chunks.push(Buffer.from(toBytes(data, encoding)));
    return this;
  }
  write(data, encoding) {
    this.update(data, encoding);
    return true;
  }
  end(data, encoding) {
    if (data !== undefined) this.update(data, encoding);
    return this;
  }
  collected() {
    return Buffer.concat(this.#chunks).toString('base64');
  }
}

class Hash extends Collector {
  #question;
  constructor(question) {
    super();
    this.#question = question;
    ask({ ...question, data: '' });
  }
  digest(encoding) {
    return encoded(ask({ ...this.#question, data: this.collected() }).data, encoding);
  }
}

class Sign extends Collector {
  #algorithm;
  constructor(algorithm) {
    super();
    this.#algorithm = algorithm;
  }
  sign(key, encoding) {
    const question = { op: 'sign', algorithm: this.#algorithm, data: this.collected() };
    return encoded(ask({ ...question, ...describeKey(key) }).data, encoding);
  }
}

class Verify extends Collector {
  #algorithm;
  constructor(algorithm) {
    super();
    this.#algorithm = algorithm;
  }
  verify(key, signature, encoding) {
    const question = { op: 'verify', algorithm: this.#algorithm, data: this.collected() };
    return ask({ ...question, ...describeKey(key), signature: base64(signature, encoding) }).isValid;
  }
}

/** In one piece; without an algorithm the key says it, as with Ed25519. */
const sign = (algorithm, data, key, callback) =>
  later(callback, () => new Sign(algorithm ?? undefined).update(data).sign(key));
const verify = (algorithm, data, key, signature, callback) =>
  later(callback, () => new Verify(algorithm ?? undefined).update(data).verify(key, signature));

const crypt = (op) => (key, data) => encoded(ask({ op, ...describeKey(key), data: base64(data) }).data);

const randomBytes = (size, callback) => later(callback, () => encoded(ask({ op: 'random', size }).data));

function randomInt(low, high, callback) {
  if (high === undefined || typeof high === 'function') return randomInt(0, low, high);
  const draw = () => Number(BigInt(`0x${randomBytes(12).toString('hex')}`) % BigInt(high - low)) + low;
  return later(callback, draw);
}

function getRandomValues(target) {
  const bytes = new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
  bytes.set(randomBytes(bytes.length));
  return target;
}

const randomFillSync = (target, offset = 0, size = target.byteLength - offset) => {
  getRandomValues(new Uint8Array(target.buffer, target.byteOffset + offset, size));
  return target;
};

function timingSafeEqual(left, right) {
  if (left.byteLength !== right.byteLength) {
    const error = new RangeError('Input buffers must have the same byte length');
    error.code = 'ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH';
    throw error;
  }
  return ask({ op: 'equal', data: base64(left), other: base64(right) }).isValid;
}

const randomUUID = () => ask({ op: 'uuid' }).data;

function generateSecret(type, { length }) {
  if (type !== 'hmac' && type !== 'aes') throw new RangeError('Secret keys are of type hmac or aes.');
  return createSecretKey(randomBytes(length >> 3));
}

const webcrypto = {
  getRandomValues,
  randomUUID,
  get subtle() {
    return require('portico:subtle').subtle;
  },
};

export default {
  createHash: (algorithm) => new Hash({ op: 'hash', algorithm }),
  createHmac: (algorithm, key, options) => new Hash({ op: 'hmac', algorithm, secret: base64(key, options?.encoding) }),
  createSign: (algorithm) => new Sign(algorithm),
  createVerify: (algorithm) => new Verify(algorithm),
  sign,
  verify,
  hash: (algorithm, data, encoding = 'hex') => new Hash({ op: 'hash', algorithm }).update(data).digest(encoding),
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  createPublicKey,
  createPrivateKey,
  KeyObject,
  generateKeyPairSync,
  generateKeyPair: (type, options, callback) => {
    const told = (error, pair) => callback(error, pair?.publicKey, pair?.privateKey);
    later(told, () => generateKeyPairSync(type, options));
  },
  generateKeySync: generateSecret,
  generateKey: (type, options, callback) => later(callback, () => generateSecret(type, options)),
  diffieHellman: agree,
  pbkdf2,
  pbkdf2Sync,
  hkdf,
  hkdfSync,
  scrypt,
  scryptSync,
  publicEncrypt: crypt('publicEncrypt'),
  privateDecrypt: crypt('privateDecrypt'),
  privateEncrypt: crypt('privateEncrypt'),
  publicDecrypt: crypt('publicDecrypt'),
  randomBytes,
  pseudoRandomBytes: randomBytes,
  randomFillSync,
  randomFill: (target, ...rest) => later(rest.pop(), () => randomFillSync(target, ...rest)),
  randomInt,
  randomUUID,
  getRandomValues,
  timingSafeEqual,
  webcrypto,
  get subtle() {
    return webcrypto.subtle;
  },
  getHashes: () => ask({ op: 'hashes' }).names,
  getCurves: () => ask({ op: 'curves' }).names,
  getCiphers: () =>
    ['128', '192', '256']
      .flatMap((bits) => ['cbc', 'ctr', 'ecb', 'gcm'].map((mode) => `aes-${bits}-${mode}`).concat(`id-aes${bits}-wrap`))
      .concat('chacha20-poly1305', 'des-ede3-cbc'),
  constants: {
    RSA_PKCS1_PADDING: 1,
    RSA_NO_PADDING: 3,
    RSA_PKCS1_OAEP_PADDING: 4,
    RSA_PKCS1_PSS_PADDING: 6,
    RSA_PSS_SALTLEN_DIGEST: -1,
    RSA_PSS_SALTLEN_MAX_SIGN: -2,
    RSA_PSS_SALTLEN_AUTO: -2,
  },
};
