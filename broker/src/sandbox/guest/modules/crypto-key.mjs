/* The keys of Web Crypto: a key of Node's with what it may be used for. */
const made = Symbol('made');

export const refuse = (name, message) => new globalThis.DOMException(message, name);

export class CryptoKey {
  #key;
  #usages;
  #algorithm;
  #extractable;
  constructor(permission, key, { algorithm, extractable, usages }) {
    if (permission !== made) throw new TypeError('Illegal constructor');
    this.#key = key;
    this.#algorithm = Object.freeze({ ...algorithm });
    this.#extractable = extractable === true;
    this.#usages = Object.freeze([...new Set(usages)]);
  }
  static read(key) {
    return key.#key;
  }
  get type() {
    return this.#key.type;
  }
  get algorithm() {
    return this.#algorithm;
  }
  get extractable() {
    return this.#extractable;
  }
  get usages() {
    return this.#usages;
  }
  get [Symbol.toStringTag]() {
    return 'CryptoKey';
  }
}
const read = CryptoKey.read;
delete CryptoKey.read;

export function keyObjectOf(key) {
  if (!(key instanceof CryptoKey)) throw new TypeError('The key is not a CryptoKey.');
  return read(key);
}

/** Which usages a key of an algorithm may have, by its type. */
const usagesOf = {
  __proto__: null,
  HMAC: { secret: ['sign', 'verify'] },
  'RSASSA-PKCS1-v1_5': { public: ['verify'], private: ['sign'] },
  'RSA-PSS': { public: ['verify'], private: ['sign'] },
  'RSA-OAEP': { public: ['encrypt', 'wrapKey'], private: ['decrypt', 'unwrapKey'] },
  ECDSA: { public: ['verify'], private: ['sign'] },
  Ed25519: { public: ['verify'], private: ['sign'] },
  ECDH: { public: [], private: ['deriveKey', 'deriveBits'] },
  X25519: { public: [], private: ['deriveKey', 'deriveBits'] },
  'AES-GCM': { secret: ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey'] },
  'AES-CBC': { secret: ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey'] },
  'AES-CTR': { secret: ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey'] },
  'AES-KW': { secret: ['wrapKey', 'unwrapKey'] },
  PBKDF2: { secret: ['deriveKey', 'deriveBits'] },
  HKDF: { secret: ['deriveKey', 'deriveBits'] },
};

const names = Object.fromEntries(Object.keys(usagesOf).map((name) => [name.toUpperCase(), name]));

/** An algorithm as it was given, with its name as the standard writes it. */
export function readAlgorithm(given) {
  const algorithm = typeof given === 'string' ? { name: given } : { ...given };
  const name = names[String(algorithm.name).toUpperCase()];
  if (name === undefined) throw refuse('NotSupportedError', `The algorithm ${algorithm.name} is not supported.`);
  return { ...algorithm, name };
}

const hashes = { __proto__: null, 'SHA-1': 'sha1', 'SHA-256': 'sha256', 'SHA-384': 'sha384', 'SHA-512': 'sha512' };

/** Node's name of a hash. */
export function readHash(given) {
  const name = String(typeof given === 'object' && given !== null ? given.name : given).toUpperCase();
  if (hashes[name] === undefined) throw refuse('NotSupportedError', `The hash ${name} is not supported.`);
  return { name, own: hashes[name] };
}

const keyTypes = {
  __proto__: null,
  'RSASSA-PKCS1-v1_5': 'rsa',
  'RSA-PSS': 'rsa',
  'RSA-OAEP': 'rsa',
  ECDSA: 'ec',
  ECDH: 'ec',
  Ed25519: 'ed25519',
  X25519: 'x25519',
};
const curves = { __proto__: null, 'P-256': 'prime256v1', 'P-384': 'secp384r1', 'P-521': 'secp521r1' };
const blockBits = { sha1: 512, sha256: 512, sha384: 1024, sha512: 1024 };

/** What a key says about its algorithm; a key of another kind is refused, so that none is used for what it is not. */
function describeAlgorithm(key, algorithm) {
  const { name } = algorithm;
  if (key.type === 'secret') {
    const length = key.symmetricKeySize * 8;
    if (name === 'HMAC') return { name, hash: { name: readHash(algorithm.hash).name }, length };
    if (!name.startsWith('AES-')) return { name };
    if (length !== 128 && length !== 192 && length !== 256) throw refuse('DataError', 'Invalid key length');
    return { name, length };
  }
  if (keyTypes[name] !== key.asymmetricKeyType) throw refuse('DataError', 'Invalid key type');
  const details = key.asymmetricKeyDetails;
  if (key.asymmetricKeyType === 'rsa') {
    const { modulusLength, publicExponent } = details;
    const exponent = Uint8Array.from(publicExponent === 65537n ? [1, 0, 1] : [Number(publicExponent & 255n)]);
    return { name, hash: { name: readHash(algorithm.hash).name }, modulusLength, publicExponent: exponent };
  }
  if (key.asymmetricKeyType !== 'ec') return { name };
  if (curves[algorithm.namedCurve] !== details.namedCurve) throw refuse('DataError', 'Named curve mismatch');
  return { name, namedCurve: algorithm.namedCurve };
}

export function cryptoKeyOf(key, given, extractable, usages) {
  const algorithm = readAlgorithm(given);
  const allowed = usagesOf[algorithm.name][key.type];
  if (allowed === undefined) throw refuse('DataError', 'Invalid key type');
  const wanted = Array.from(usages ?? []);
  if (!wanted.every((usage) => allowed.includes(usage))) {
    throw refuse('SyntaxError', `Unsupported key usage for a ${algorithm.name} key`);
  }
  if (wanted.length === 0 && key.type !== 'public') {
    throw refuse('SyntaxError', 'Usages cannot be empty when importing a private or secret key.');
  }
  return new CryptoKey(made, key, { algorithm: describeAlgorithm(key, algorithm), extractable, usages: wanted });
}

/** The key for one use: of that algorithm, and allowed for it. */
export function keyFor(key, given, usage) {
  const algorithm = readAlgorithm(given);
  const found = keyObjectOf(key);
  if (key.algorithm.name !== algorithm.name) throw refuse('InvalidAccessError', 'Key algorithm mismatch');
  if (!key.usages.includes(usage)) throw refuse('InvalidAccessError', `The key may not be used to ${usage}.`);
  return { algorithm, found };
}

/** A new key's length in bits where it is not said. */
export function lengthOf({ name, hash, length }) {
  if (name === 'HMAC') return length ?? blockBits[readHash(hash).own];
  if (name === 'HKDF' || name === 'PBKDF2') return null;
  if (length !== 128 && length !== 192 && length !== 256) throw refuse('OperationError', 'Invalid key length');
  return length;
}
