/** Texts to bytes and back, in Node's encodings: compiled when a script first needs one. */
export function installCodec(guest) {
  const Bytes = Uint8Array;

  const codec = () => {
    const { fromCharCode } = String;
    const { charCodeAt, indexOf, toLowerCase, replace } = String.prototype;
    const { apply } = guest;
    const code = (text, index) => apply(charCodeAt, text, [index]);
    const standard = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    const urlSafe = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const hexDigits = '0123456789abcdef';

    function encodeUtf8(text) {
      const bytes = new Bytes(text.length * 3);
      let at = 0;
      for (let index = 0; index < text.length; index++) {
        let point = code(text, index);
        if (point >= 0xd800 && point <= 0xdfff) {
          const low = point < 0xdc00 && index + 1 < text.length ? code(text, index + 1) : 0;
          if (low >= 0xdc00 && low <= 0xdfff) {
            point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
            index += 1;
          } else point = 0xfffd;
        }
        if (point < 0x80) bytes[at++] = point;
        else if (point < 0x800) {
          bytes[at++] = 0xc0 | (point >> 6);
          bytes[at++] = 0x80 | (point & 63);
        } else if (point < 0x10000) {
          bytes[at++] = 0xe0 | (point >> 12);
          bytes[at++] = 0x80 | ((point >> 6) & 63);
          bytes[at++] = 0x80 | (point & 63);
        } else {
          bytes[at++] = 0xf0 | (point >> 18);
          bytes[at++] = 0x80 | ((point >> 12) & 63);
          bytes[at++] = 0x80 | ((point >> 6) & 63);
          bytes[at++] = 0x80 | (point & 63);
        }
      }
      return bytes.slice(0, at);
    }

    /** WHATWG's decoder: each maximal invalid part becomes one replacement character. */
    function decodeUtf8(bytes) {
      let text = '';
      let point = 0;
      let needed = 0;
      let lower = 0x80;
      let upper = 0xbf;
      for (let index = 0; index < bytes.length; index++) {
        const byte = bytes[index];
        if (needed > 0) {
          if (byte < lower || byte > upper) {
            text += '\ufffd';
            needed = 0;
            lower = 0x80;
            upper = 0xbf;
            index -= 1;
            continue;
          }
          lower = 0x80;
          upper = 0xbf;
          point = (point << 6) | (byte & 63);
          needed -= 1;
          if (needed > 0) continue;
          if (point > 0xffff)
            text += fromCharCode(0xd800 + ((point - 0x10000) >> 10), 0xdc00 + ((point - 0x10000) & 1023));
          else text += fromCharCode(point);
          continue;
        }
        if (byte < 0x80) text += fromCharCode(byte);
        else if (byte >= 0xc2 && byte <= 0xdf) {
          needed = 1;
          point = byte & 31;
        } else if (byte >= 0xe0 && byte <= 0xef) {
          if (byte === 0xe0) lower = 0xa0;
          if (byte === 0xed) upper = 0x9f;
          needed = 2;
          point = byte & 15;
        } else if (byte >= 0xf0 && byte <= 0xf4) {
          if (byte === 0xf0) lower = 0x90;
          if (byte === 0xf4) upper = 0x8f;
          needed = 3;
          point = byte & 7;
        } else text += '\ufffd';
      }
      return needed > 0 ? `${text}\ufffd` : text;
    }

    function encodeBase64(bytes, alphabet) {
      let text = '';
      let index = 0;
      for (; index + 2 < bytes.length; index += 3) {
        const three = (bytes[index] << 16) | (bytes[index + 1] << 8) | bytes[index + 2];
        text +=
          alphabet[three >> 18] + alphabet[(three >> 12) & 63] + alphabet[(three >> 6) & 63] + alphabet[three & 63];
      }
      const padding = alphabet === standard ? '=' : '';
      if (index + 1 === bytes.length) {
        text += alphabet[bytes[index] >> 2] + alphabet[(bytes[index] & 3) << 4] + padding + padding;
      }
      if (index + 2 === bytes.length) {
        const two = (bytes[index] << 8) | bytes[index + 1];
        text += alphabet[two >> 10] + alphabet[(two >> 4) & 63] + alphabet[(two & 15) << 2] + padding;
      }
      return text;
    }

    function sextet(letter) {
      const at = apply(indexOf, standard, [letter]);
      if (at !== -1) return at;
      if (letter === '-') return 62;
      return letter === '_' ? 63 : -1;
    }

    /** Both alphabets, padding or not, other characters skipped: as Node's Buffer. */
    function decodeBase64(text) {
      const bytes = new Bytes(((text.length * 3) >> 2) + 3);
      let at = 0;
      let held = 0;
      let bits = 0;
      for (let index = 0; index < text.length; index++) {
        if (text[index] === '=') break;
        const value = sextet(text[index]);
        if (value === -1) continue;
        held = ((held << 6) | value) & 0xffffff;
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        bytes[at++] = (held >> bits) & 255;
      }
      return bytes.slice(0, at);
    }

    function encodeHex(bytes) {
      let text = '';
      for (let index = 0; index < bytes.length; index++)
        text += hexDigits[bytes[index] >> 4] + hexDigits[bytes[index] & 15];
      return text;
    }

    function decodeHex(text) {
      const lowered = apply(toLowerCase, text, []);
      const bytes = new Bytes(lowered.length >> 1);
      for (let index = 0; index < bytes.length; index++) {
        const high = apply(indexOf, hexDigits, [lowered[index * 2]]);
        const low = apply(indexOf, hexDigits, [lowered[index * 2 + 1]]);
        if (high === -1 || low === -1) return bytes.slice(0, index);
        bytes[index] = (high << 4) | low;
      }
      return bytes;
    }

    function decodeLatin1(text) {
      const bytes = new Bytes(text.length);
      for (let index = 0; index < text.length; index++) bytes[index] = code(text, index);
      return bytes;
    }

    function encodeCodes(bytes, mask) {
      let text = '';
      for (let index = 0; index < bytes.length; index++) text += fromCharCode(bytes[index] & mask);
      return text;
    }

    function decodeUtf16(text) {
      const bytes = new Bytes(text.length * 2);
      for (let index = 0; index < text.length; index++) {
        bytes[index * 2] = code(text, index) & 255;
        bytes[index * 2 + 1] = code(text, index) >> 8;
      }
      return bytes;
    }

    function encodeUtf16(bytes) {
      let text = '';
      for (let index = 0; index + 1 < bytes.length; index += 2)
        text += fromCharCode(bytes[index] | (bytes[index + 1] << 8));
      return text;
    }

    const names = {
      __proto__: null,
      binary: 'latin1',
      'utf-8': 'utf8',
      ucs2: 'utf16le',
      'ucs-2': 'utf16le',
      'utf-16le': 'utf16le',
    };
    const toText = {
      __proto__: null,
      utf8: decodeUtf8,
      hex: encodeHex,
      base64: (bytes) => encodeBase64(bytes, standard),
      base64url: (bytes) => encodeBase64(bytes, urlSafe),
      latin1: (bytes) => encodeCodes(bytes, 255),
      ascii: (bytes) => encodeCodes(bytes, 127),
      utf16le: encodeUtf16,
    };
    const toBytes = {
      __proto__: null,
      utf8: encodeUtf8,
      hex: decodeHex,
      base64: decodeBase64,
      base64url: decodeBase64,
      latin1: decodeLatin1,
      ascii: decodeLatin1,
      utf16le: decodeUtf16,
    };
    const find = (table, encoding) => {
      const name =
        encoding === undefined || encoding === null ? 'utf8' : apply(toLowerCase, guest.String(encoding), []);
      const found = table[names[name] ?? name];
      if (found === undefined) throw new guest.TypeError(`Unknown encoding: ${name}`);
      return found;
    };
    return {
      __proto__: null,
      replace,
      encodeUtf8,
      decodeUtf8,
      isEncoding: (name) => toText[names[name] ?? name] !== undefined,
      toText: (bytes, encoding) => find(toText, encoding)(bytes),
      toBytes: (text, encoding) => find(toBytes, encoding)(text),
    };
  };
  let madeCodec;
  guest.codec = () => {
    madeCodec ??= codec();
    return madeCodec;
  };
}
