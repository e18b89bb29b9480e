import nodeCrypto from 'node:crypto';
import { toBytes } from './ask-crypto.mjs';
import {
  CryptoKey,
  cryptoKeyOf,
  keyFor,
  keyObjectOf,
  lengthOf,
  readAlgorithm,
  readHash,
  refuse,
} from './crypto-key.mjs';
import { exportKey, importKey } from './key-formats.mjs';

/* Web Crypto's `subtle`, made of the guest's own `crypto`: it can do nothing that `crypto` cannot. */
const { Buffer } = globalThis;
const pss = nodeCrypto.constants.RSA_PKCS1_PSS_PADDING;
const oaep = nodeCrypto.constants.RSA_PKCS1_OAEP_PADDING;
const toArrayBuffer = (bytes) => Uint8Array.from(bytes).buffer;

/** A copy at once: what the script changes later does not count. */
const copy = (data) => Buffer.from(toBytes(typeof data === 'string' ? undefined : data));

function attempt(act) {
  try {
    return act();
  } catch (error) {
    throw refuse('OperationError', error.message);
  }
}

function signing({ algorithm, found }, key) {
  switch (algorithm.name) {
    case 'RSASSA-PKCS1-v1_5':
      return [readHash(key.algorithm.hash).own, found];
    case 'RSA-PSS':
      return [readHash(key.algorithm.hash).own, { key: found, padding: pss, saltLength: algorithm.saltLength }];
    case 'ECDSA':
      return [readHash(algorithm.hash).own, { key: found, dsaEncoding: 'ieee-p1363' }];
    case 'Ed25519':
      return [null, found];
    default:
      throw refuse('NotSupportedError', `${algorithm.name} does not sign.`);
  }
}

const hmac = (key, found, data) => nodeCrypto.createHmac(readHash(key.algorithm.hash).own, found).update(data).digest();

function signWith(key, given, data) {
  const use = keyFor(key, given, 'sign');
  if (use.algorithm.name === 'HMAC') return hmac(key, use.found, data);
  const [hash, signer] = signing(use, key);
  return attempt(() => nodeCrypto.sign(hash, data, signer));
}

function verifyWith(key, given, signature, data) {
  const use = keyFor(key, given, 'verify');
  if (use.algorithm.name === 'HMAC') {
    const expected = hmac(key, use.found, data);
    return expected.length === signature.length && nodeCrypto.timingSafeEqual(expected, signature);
  }
  const [hash, verifier] = signing(use, key);
  return attempt(() => nodeCrypto.verify(hash, data, verifier, signature));
}

const aesName = (found, mode) => `aes-${found.symmetricKeySize * 8}-${mode}`;

function readTagLength({ tagLength = 128 }) {
  if (tagLength % 8 !== 0) throw refuse('OperationError', `${tagLength} is not a valid AES-GCM tag length`);
  return tagLength / 8;
}

function checkCounter({ length }) {
  // Node's counter is the whole block.
  if (length !== 128 && length !== 64) throw refuse('OperationError', 'The counter must have 64 or 128 bits.');
}

function encryptWith(key, given, data, usage = 'encrypt') {
  const { algorithm, found } = keyFor(key, given, usage);
  if (algorithm.name === 'RSA-OAEP') {
    const oaepHash = readHash(key.algorithm.hash).own;
    const options = { key: found, padding: oaep, oaepHash, oaepLabel: algorithm.label };
    return attempt(() => nodeCrypto.publicEncrypt(options, data));
  }
  return attempt(() => {
    if (algorithm.name === 'AES-GCM') {
      const options = { authTagLength: readTagLength(algorithm) };
      const cipher = nodeCrypto.createCipheriv(aesName(found, 'gcm'), found, copy(algorithm.iv), options);
      if (algorithm.additionalData !== undefined) cipher.setAAD(copy(algorithm.additionalData));
      cipher.update(data);
      return Buffer.concat([cipher.final(), cipher.getAuthTag()]);
    }
    return block(nodeCrypto.createCipheriv, algorithm, found, data);
  });
}

function decryptWith(key, given, data, usage = 'decrypt') {
  const { algorithm, found } = keyFor(key, given, usage);
  if (algorithm.name === 'RSA-OAEP') {
    const oaepHash = readHash(key.algorithm.hash).own;
    const options = { key: found, padding: oaep, oaepHash, oaepLabel: algorithm.label };
    return attempt(() => nodeCrypto.privateDecrypt(options, data));
  }
  return attempt(() => {
    if (algorithm.name === 'AES-GCM') {
      const size = readTagLength(algorithm);
      if (data.length < size) throw new RangeError('The provided data is too small.');
      const options = { authTagLength: size };
      const decipher = nodeCrypto.createDecipheriv(aesName(found, 'gcm'), found, copy(algorithm.iv), options);
      if (algorithm.additionalData !== undefined) decipher.setAAD(copy(algorithm.additionalData));
      decipher.setAuthTag(data.subarray(data.length - size));
      decipher.update(data.subarray(0, data.length - size));
      return decipher.final();
    }
    return block(nodeCrypto.createDecipheriv, algorithm, found, data);
  });
}

/** The modes without a tag. */
function block(create, algorithm, found, data) {
  if (algorithm.name === 'AES-CTR') checkCounter(algorithm);
  const [mode, iv] = algorithm.name === 'AES-CBC' ? ['cbc', algorithm.iv] : ['ctr', algorithm.counter];
  const cipher = create(aesName(found, mode), found, copy(iv));
  cipher.update(data);
  return cipher.final();
}

/** RFC 3394. */
const wrapIv = Buffer.from('a6a6a6a6a6a6a6a6', 'hex');

function aesKeyWrap(create, found, data) {
  return attempt(() => {
    const cipher = create(`id-aes${found.symmetricKeySize * 8}-wrap`, found, wrapIv);
    cipher.update(data);
    return cipher.final();
  });
}

function derive(key, given, bits, usage) {
  const { algorithm, found } = keyFor(key, given, usage);
  if (algorithm.name === 'ECDH' || algorithm.name === 'X25519') {
    const publicKey = keyObjectOf(algorithm.public);
    if (algorithm.public.algorithm.name !== algorithm.name || publicKey.type !== 'public') {
      throw refuse('InvalidAccessError', 'algorithm.public must be a public key of the same algorithm');
    }
    const shared = attempt(() => nodeCrypto.diffieHellman({ privateKey: found, publicKey }));
    if (bits === null || bits === undefined) return shared;
    if (bits % 8 !== 0 || bits / 8 > shared.length) throw refuse('OperationError', 'Invalid length');
    return shared.subarray(0, bits / 8);
  }
  if (typeof bits !== 'number' || bits % 8 !== 0) throw refuse('OperationError', 'length must be a multiple of 8');
  const { own } = readHash(algorithm.hash);
  const salt = copy(algorithm.salt);
  return attempt(() =>
    algorithm.name === 'HKDF'
      ? Buffer.from(nodeCrypto.hkdfSync(own, found, salt, copy(algorithm.info), bits / 8))
      : nodeCrypto.pbkdf2Sync(found, salt, algorithm.iterations, bits / 8, own),
  );
}

const newCurves = { __proto__: null, ECDSA: 'ec', ECDH: 'ec', Ed25519: 'ed25519', X25519: 'x25519' };

function generate(given, extractable, usages) {
  const algorithm = readAlgorithm(given);
  const type = newCurves[algorithm.name];
  if (type !== undefined) {
    const pair = attempt(() => nodeCrypto.generateKeyPairSync(type, { namedCurve: algorithm.namedCurve }));
    const isPublic = (usage) => usage === 'verify';
    return {
      publicKey: cryptoKeyOf(pair.publicKey, algorithm, true, usages.filter(isPublic)),
      privateKey: cryptoKeyOf(
        pair.privateKey,
        algorithm,
        extractable,
        usages.filter((usage) => !isPublic(usage)),
      ),
    };
  }
  if (algorithm.name !== 'HMAC' && !algorithm.name.startsWith('AES-')) {
    throw refuse('NotSupportedError', `New ${algorithm.name} keys are not made here.`);
  }
  const secret = nodeCrypto.createSecretKey(nodeCrypto.randomBytes(lengthOf(algorithm) >> 3));
  return cryptoKeyOf(secret, algorithm, extractable, usages);
}

class SubtleCrypto {
  async digest(algorithm, data) {
    const bytes = copy(data);
    return toArrayBuffer(nodeCrypto.createHash(readHash(algorithm).own).update(bytes).digest());
  }
  async importKey(format, data, algorithm, extractable, usages) {
    return importKey(format, data, algorithm, extractable, usages);
  }
  async exportKey(format, key) {
    return exportKey(format, key);
  }
  async generateKey(algorithm, extractable, usages) {
    return generate(algorithm, extractable, Array.from(usages ?? []));
  }
  async sign(algorithm, key, data) {
    return toArrayBuffer(signWith(key, algorithm, copy(data)));
  }
  async verify(algorithm, key, signature, data) {
    return verifyWith(key, algorithm, copy(signature), copy(data));
  }
  async encrypt(algorithm, key, data) {
    return toArrayBuffer(encryptWith(key, algorithm, copy(data)));
  }
  async decrypt(algorithm, key, data) {
    return toArrayBuffer(decryptWith(key, algorithm, copy(data)));
  }
  async deriveBits(algorithm, key, length) {
    return toArrayBuffer(derive(key, algorithm, length, 'deriveBits'));
  }
  async deriveKey(algorithm, key, wanted, extractable, usages) {
    const target = readAlgorithm(wanted);
    const bytes = derive(key, algorithm, lengthOf(target), 'deriveKey');
    return cryptoKeyOf(nodeCrypto.createSecretKey(bytes), target, extractable, usages);
  }
  async wrapKey(format, key, wrapping, algorithm) {
    const exported = exportKey(format, key);
    const bytes = format === 'jwk' ? Buffer.from(JSON.stringify(exported)) : Buffer.from(exported);
    if (readAlgorithm(algorithm).name !== 'AES-KW') {
      return toArrayBuffer(encryptWith(wrapping, algorithm, bytes, 'wrapKey'));
    }
    return toArrayBuffer(aesKeyWrap(nodeCrypto.createCipheriv, keyFor(wrapping, algorithm, 'wrapKey').found, bytes));
  }
  async unwrapKey(format, wrapped, unwrapping, algorithm, keyAlgorithm, extractable, usages) {
    const data = copy(wrapped);
    const bytes =
      readAlgorithm(algorithm).name === 'AES-KW'
        ? aesKeyWrap(nodeCrypto.createDecipheriv, keyFor(unwrapping, algorithm, 'unwrapKey').found, data)
        : decryptWith(unwrapping, algorithm, data, 'unwrapKey');
    const given = format === 'jwk' ? JSON.parse(bytes.toString('utf8')) : bytes;
    return importKey(format, given, keyAlgorithm, extractable, usages);
  }
  get [Symbol.toStringTag]() {
    return 'SubtleCrypto';
  }
}

export default { subtle: new SubtleCrypto(), SubtleCrypto, CryptoKey, cryptoKeyOf, keyObjectOf };
