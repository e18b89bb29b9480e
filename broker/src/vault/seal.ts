import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import type { Sealed } from '../core/ids.ts';
import type { Keyring } from './keyring.ts';

/*
 * The envelope, version 1:
 *   0x01 | key id length (1) | key id | wrap iv (12) | wrapped data key (32) | wrap tag (16) | iv (12) | tag (16) | ciphertext
 * A new data key for every write, so an iv cannot repeat under one key. The place (table, column, row) is additional
 * data of both layers: a sealed value moved to another row does not open.
 */

export type Place = { readonly table: string; readonly column: string; readonly row: string };

const version = 1;
const algorithm = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;
const keyBytes = 32;

export type Sealer = {
  seal(plain: string | Uint8Array, place: Place): Sealed;
  /** Throws if the value was changed, moved, or sealed with a key that is not in the ring. Says which, never what. */
  open(sealed: Uint8Array, place: Place): Buffer;
};

export function createSealer(keyring: Keyring): Sealer {
  return {
    seal(plain, place) {
      const { id, key } = keyring.active;
      const random = randomBytes(keyBytes + ivBytes * 2);
      const dataKey = random.subarray(0, keyBytes);
      const context = additionalData(place, id);
      const wrapIv = random.subarray(keyBytes, keyBytes + ivBytes);
      const iv = random.subarray(keyBytes + ivBytes);
      const wrapped = encrypt(key, wrapIv, context, dataKey);
      const body = encrypt(createSecretKey(dataKey), iv, context, plain);
      const head = Buffer.from([version, id.length]);
      const sealed = Buffer.concat([head, Buffer.from(id), wrapIv, wrapped.text, wrapped.tag, iv, body.tag, body.text]);
      dataKey.fill(0);
      return sealed as Uint8Array as Sealed;
    },
    open(sealed, place) {
      const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
      if (bytes[0] !== version) throw new Error('sealed value: unknown version');
      const idLength = bytes[1] ?? 0;
      const id = bytes.toString('latin1', 2, 2 + idLength);
      const sealingKey = keyring.byId.get(id);
      if (sealingKey === undefined) throw new Error(`sealed value: the sealing key ${id} is not in the keyring`);
      let at = 2 + idLength;
      const take = (length: number) => {
        at += length;
        return bytes.subarray(at - length, at);
      };
      const context = additionalData(place, id);
      const wrapIv = take(ivBytes);
      const wrappedKey = take(keyBytes);
      const wrapTag = take(tagBytes);
      const iv = take(ivBytes);
      const tag = take(tagBytes);
      const dataKey = decrypt(sealingKey.key, wrapIv, context, { text: wrappedKey, tag: wrapTag });
      return decrypt(createSecretKey(dataKey), iv, context, { text: bytes.subarray(at), tag });
    },
  };
}

type Encrypted = { readonly text: Buffer; readonly tag: Buffer };

function encrypt(key: KeyObject, iv: Buffer, context: Buffer, plain: string | Uint8Array): Encrypted {
  const cipher = createCipheriv(algorithm, key, iv, { authTagLength: tagBytes });
  cipher.setAAD(context);
  const first = typeof plain === 'string' ? cipher.update(plain, 'utf8') : cipher.update(plain);
  const rest = cipher.final();
  return { text: rest.length === 0 ? first : Buffer.concat([first, rest]), tag: cipher.getAuthTag() };
}

function decrypt(key: KeyObject, iv: Buffer, context: Buffer, { text, tag }: Encrypted): Buffer {
  if (tag.length !== tagBytes) throw new Error('sealed value: cut short');
  const decipher = createDecipheriv(algorithm, key, iv, { authTagLength: tagBytes });
  decipher.setAAD(context);
  decipher.setAuthTag(tag);
  return Buffer.concat([decipher.update(text), decipher.final()]);
}

/** Each part with its length before it, so that no two places read the same. */
function additionalData(place: Place, keyId: string): Buffer {
  return Buffer.from(
    ['portico/v1', place.table, place.column, place.row, keyId].map((part) => `${part.length}:${part}`).join('|'),
  );
}
