/* global guest: the pack's wrapper brings it */
/* The bridge of `crypto`: the host computes; texts go over and texts come back. */
const { Buffer } = globalThis;
const { stringify, parse } = JSON;

export function ask(question) {
  const told = parse(guest.call('crypto', stringify(question), ''));
  if (told.error === undefined) return told;
  const error = new Error(told.error.message);
  if (told.error.code !== undefined) error.code = told.error.code;
  throw error;
}

export const toBytes = (data, encoding) => {
  if (typeof data === 'string') return Buffer.from(data, encoding);
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (data instanceof ArrayBuffer) return Buffer.from(data);
  if (data?.type === 'secret' && typeof data.export === 'function') return data.export();
  const error = new TypeError('The data must be of type string or an instance of Buffer, TypedArray or DataView.');
  error.code = 'ERR_INVALID_ARG_TYPE';
  throw error;
};

export const base64 = (data, encoding) => toBytes(data, encoding).toString('base64');

export const encoded = (text, encoding) => {
  const bytes = Buffer.from(text, 'base64');
  return encoding === undefined || encoding === null || encoding === 'buffer' ? bytes : bytes.toString(encoding);
};

/** For calls whose answer is there at once: with a callback it comes later, as in Node. */
export function later(callback, make) {
  if (typeof callback !== 'function') return make();
  let made;
  try {
    made = make();
  } catch (error) {
    setImmediate(callback, error);
    return undefined;
  }
  setImmediate(callback, null, made);
  return undefined;
}
