/* global guest: the pack's wrapper brings it */
/* Node's `crypto` and Web Crypto's random parts. The host computes; texts go over and texts come back. */
const { Buffer } = globalThis;
const { stringify, parse } = JSON;

function ask(question) {
  const told = parse(guest.call('crypto', stringify(question), ''));
  if (told.error === undefined) return told;
  const error = new Error(told.error.message);
  error.code = told.error.code;
  throw error;
}

const toBytes = (data, encoding) => {
  if (typeof data === 'string') return Buffer.from(data, encoding);
  if (data instanceof KeyObject) return data.export();
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (data instanceof ArrayBuffer) return Buffer.from(data);
  throw new TypeError('The data must be of type string or an instance of Buffer, TypedArray or DataView.');
};
const base64 = (data, encoding) => toBytes(data, encoding).toString('base64');
const encoded = (text, encoding) => {
  const bytes = Buffer.from(text, 'base64');
  return encoding === undefined || encoding === null || encoding === 'buffer' ? bytes : bytes.toString(encoding);
};

/** Collects what is updated; `finish` asks the host once. */
class Collector {
  #chunks = [];
  update(data, encoding) {
    this.#chunks.push(toBytes(data, encoding));
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

class KeyObject {
  #told;
  constructor(told) {
    this.#told = told;
    this.type = told.type;
    if (told.type === 'secret') this.symmetricKeySize = told.secret.length;
    else {
      this.asymmetricKeyType = told.asymmetricKeyType;
      const { publicExponent, ...details } = told.details;
      this.asymmetricKeyDetails =
        publicExponent === undefined ? details : { ...details, publicExponent: BigInt(publicExponent) };
    }
  }
  static told(key) {
    return key.#told;
  }
  export(options = {}) {
    if (this.type === 'secret') {
      return options.format === 'jwk' ? { kty: 'oct', k: this.#told.secret.toString('base64url') } : this.#told.secret;
    }
    if (options.format === 'jwk') return this.#told.jwk;
    return options.format === 'der'
      ? Buffer.from(this.#told.pem.replace(/-----[^-]+-----|\s/g, ''), 'base64')
      : this.#told.pem;
  }
  equals(other) {
    const left = KeyObject.told(this);
    const right = KeyObject.told(other);
    return (
      left.type === right.type &&
      (left.pem ?? left.secret.toString('hex')) === (right.pem ?? right.secret.toString('hex'))
    );
  }
}
const toldOf = KeyObject.told;
delete KeyObject.told;

/** A key as Node takes it (PEM, bytes, an object around one, a KeyObject) as texts for the host. */
function describeKey(given) {
  if (given instanceof KeyObject) return { key: { pem: toldOf(given).pem } };
  if (typeof given === 'string') return { key: { pem: given } };
  if (ArrayBuffer.isView(given)) return { key: { pem: toBytes(given).toString('utf8') } };
  if (typeof given !== 'object' || given === null) throw new TypeError('The key is missing.');
  const { key, format, type, passphrase, padding, saltLength, dsaEncoding, oaepHash } = given;
  const options = { padding, saltLength, dsaEncoding, oaepHash };
  if (format === 'jwk') return { key: { jwk: key }, ...options };
  if (format === 'der') return { key: { der: base64(key), type, passphrase }, ...options };
  return { ...describeKey(key), ...options, ...(passphrase === undefined ? {} : { passphrase }) };
}

function createSecretKey(key, encoding) {
  return new KeyObject({ type: 'secret', secret: toBytes(key, encoding) });
}
const createPublicKey = (key) => new KeyObject(ask({ op: 'key', type: 'public', ...describeKey(key) }));
const createPrivateKey = (key) => new KeyObject(ask({ op: 'key', type: 'private', ...describeKey(key) }));

const crypt = (op) => (key, data) => encoded(ask({ op, ...describeKey(key), data: base64(data) }).data);

function randomBytes(size, callback) {
  const bytes = encoded(ask({ op: 'random', size }).data);
  if (typeof callback !== 'function') return bytes;
  setImmediate(callback, null, bytes);
  return undefined;
}

function randomInt(low, high, callback) {
  if (high === undefined || typeof high === 'function') return randomInt(0, low, high);
  const drawn = Number(BigInt(`0x${randomBytes(12).toString('hex')}`) % BigInt(high - low)) + low;
  if (typeof callback !== 'function') return drawn;
  setImmediate(callback, null, drawn);
  return undefined;
}

function getRandomValues(target) {
  const bytes = new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
  bytes.set(randomBytes(bytes.length));
  return target;
}

function timingSafeEqual(left, right) {
  if (left.byteLength !== right.byteLength) {
    const error = new RangeError('Input buffers must have the same byte length');
    error.code = 'ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH';
    throw error;
  }
  return ask({ op: 'equal', data: base64(left), other: base64(right) }).isValid;
}

const randomUUID = () => ask({ op: 'uuid' }).data;

export default {
  createHash: (algorithm) => new Hash({ op: 'hash', algorithm }),
  createHmac: (algorithm, key) => new Hash({ op: 'hmac', algorithm, secret: base64(key) }),
  createSign: (algorithm) => new Sign(algorithm),
  createVerify: (algorithm) => new Verify(algorithm),
  sign: (algorithm, data, key) => new Sign(algorithm).update(data).sign(key),
  verify: (algorithm, data, key, signature) => new Verify(algorithm).update(data).verify(key, signature),
  hash: (algorithm, data, encoding = 'hex') => new Hash({ op: 'hash', algorithm }).update(data).digest(encoding),
  createSecretKey,
  createPublicKey,
  createPrivateKey,
  KeyObject,
  publicEncrypt: crypt('publicEncrypt'),
  privateDecrypt: crypt('privateDecrypt'),
  privateEncrypt: crypt('privateEncrypt'),
  publicDecrypt: crypt('publicDecrypt'),
  randomBytes,
  pseudoRandomBytes: randomBytes,
  randomInt,
  randomUUID,
  getRandomValues,
  timingSafeEqual,
  webcrypto: { getRandomValues, randomUUID },
  getHashes: () => ask({ op: 'hashes' }).names,
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
