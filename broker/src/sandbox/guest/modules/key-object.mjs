import { ask, base64, toBytes } from './ask-crypto.mjs';

/* global require: the pack's wrapper brings it */
const { Buffer } = globalThis;

export class KeyObject {
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
  static from(key) {
    return require('portico:subtle').keyObjectOf(key);
  }
  static told(key) {
    return key.#told;
  }
  get [Symbol.toStringTag]() {
    return 'KeyObject';
  }
  export(options = {}) {
    if (this.type === 'secret') {
      return options.format === 'jwk'
        ? { kty: 'oct', k: this.#told.secret.toString('base64url') }
        : Buffer.from(this.#told.secret);
    }
    if (options.passphrase !== undefined || options.cipher !== undefined) {
      throw new RangeError('Keys with a passphrase are not supported.');
    }
    if (options.format === 'jwk') return { ...this.#told.jwk };
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
  toCryptoKey(algorithm, extractable, usages) {
    return require('portico:subtle').cryptoKeyOf(this, algorithm, extractable, usages);
  }
}
const toldOf = KeyObject.told;
delete KeyObject.told;

/** A key as Node takes it (PEM, bytes, an object around one, a KeyObject) as texts for the host. */
export function describeKey(given) {
  if (given instanceof KeyObject) {
    if (given.type === 'secret') throw new TypeError('A secret key is neither a public nor a private one.');
    return { key: { pem: toldOf(given).pem } };
  }
  if (typeof given === 'string') return { key: { pem: given } };
  if (ArrayBuffer.isView(given)) return { key: { pem: toBytes(given).toString('utf8') } };
  if (typeof given !== 'object' || given === null) throw new TypeError('The key is missing.');
  const { key, format, type, passphrase, padding, saltLength, dsaEncoding, oaepHash, oaepLabel } = given;
  const options = { padding, saltLength, dsaEncoding, oaepHash };
  if (oaepLabel !== undefined) options.oaepLabel = base64(oaepLabel);
  if (format === 'jwk') return { key: { jwk: key }, ...options };
  if (format === 'der') return { key: { der: base64(key), type, passphrase }, ...options };
  return { ...describeKey(key), ...options, ...(passphrase === undefined ? {} : { passphrase }) };
}

export const createSecretKey = (key, encoding) =>
  new KeyObject({ type: 'secret', secret: Buffer.from(toBytes(key, encoding)) });
export const createPublicKey = (key) => new KeyObject(ask({ op: 'key', type: 'public', ...describeKey(key) }));
export const createPrivateKey = (key) => new KeyObject(ask({ op: 'key', type: 'private', ...describeKey(key) }));

/** `ec`, `ed25519` and `x25519`; the host refuses the slow ones. */
export function generateKeyPairSync(type, options = {}) {
  const { publicKey, privateKey } = ask({ op: 'generate', type, curve: options.namedCurve });
  const encode = (key, encoding) => (encoding === undefined ? key : key.export(encoding));
  return {
    publicKey: encode(new KeyObject(publicKey), options.publicKeyEncoding),
    privateKey: encode(new KeyObject(privateKey), options.privateKeyEncoding),
  };
}

export const agree = ({ privateKey, publicKey }) =>
  Buffer.from(
    ask({ op: 'agree', privateKey: describeKey(privateKey), publicKey: describeKey(publicKey) }).data,
    'base64',
  );
