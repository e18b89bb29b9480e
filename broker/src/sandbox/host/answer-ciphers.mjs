import { createCipheriv, createDecipheriv } from 'node:crypto';
import { readBytes } from './read-bytes.mjs';

/* Symmetric ciphers, each in one piece: the guest collects, and asks once. */

const ciphers =
  /^(?:aes-?(?:128|192|256)-(?:cbc|ctr|ecb|gcm)|id-aes(?:128|192|256)-wrap|aes(?:128|192|256)-wrap|des-ede3-cbc|chacha20-poly1305)$/;
const tagged = /(?:gcm|poly1305)$/;
const usualTagLength = 16;
/** NIST SP 800-38D §5.2.1.2: shorter tags need rules of their own about how often a key is used. */
const tagLengths = [12, 13, 14, 15, 16];

function readCipher({ algorithm, tagLength = usualTagLength }) {
  const name = String(algorithm).toLowerCase();
  if (!ciphers.test(name)) throw new RangeError(`The cipher ${name.slice(0, 40)} is not supported.`);
  if (!tagged.test(name)) return { name, isTagged: false, options: {} };
  if (!tagLengths.includes(tagLength)) throw new RangeError('The authentication tag must have 12 to 16 bytes.');
  return { name, isTagged: true, options: { authTagLength: tagLength } };
}

const finish = (cipher, data) => Buffer.concat([cipher.update(readBytes(data)), cipher.final()]).toString('base64');

function prepare(cipher, { aad, pads }) {
  if (aad !== undefined) cipher.setAAD(readBytes(aad));
  if (pads === false) cipher.setAutoPadding(false);
}

const readIv = (iv) => (iv === null ? null : readBytes(iv));

export function encrypt(question) {
  const { name, isTagged, options } = readCipher(question);
  const cipher = createCipheriv(name, readBytes(question.key), readIv(question.iv), options);
  prepare(cipher, question);
  const data = finish(cipher, question.data);
  return isTagged ? { data, tag: cipher.getAuthTag().toString('base64') } : { data };
}

export function decrypt(question) {
  const { name, isTagged, options } = readCipher(question);
  const cipher = createDecipheriv(name, readBytes(question.key), readIv(question.iv), options);
  prepare(cipher, question);
  if (isTagged) cipher.setAuthTag(readBytes(question.tag));
  return { data: finish(cipher, question.data) };
}

/** Tried as it will be used, so that a wrong key or name fails where the cipher is made. */
export function tryCipher(question) {
  const { name, options } = readCipher(question);
  createCipheriv(name, readBytes(question.key), readIv(question.iv), options);
  return {};
}
