import { setTimeout as delay, setImmediate as immediate } from './timers-promises.mjs';

const maxDepth = 3;

function inspectString(value, isNested) {
  return isNested ? `'${value.replace(/\\/g, '\\\\').replace(/'/g, "\\'").replace(/\n/g, '\\n')}'` : value;
}

function inspectKey(key) {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : `'${key}'`;
}

function inspectObject(value, depth, seen) {
  if (seen.includes(value)) return '[Circular *1]';
  if (value instanceof Error) return value.stack ?? `${value.name}: ${value.message}`;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof RegExp) return String(value);
  const inner = [...seen, value];
  if (Array.isArray(value)) {
    if (depth > maxDepth) return '[Array]';
    return value.length === 0 ? '[]' : `[ ${value.map((item) => show(item, depth + 1, inner)).join(', ')} ]`;
  }
  if (value instanceof Map) {
    return `Map(${value.size}) {${[...value].map(([k, v]) => ` ${show(k, depth + 1, inner)} => ${show(v, depth + 1, inner)}`).join(',')} }`;
  }
  if (value instanceof Set) {
    return `Set(${value.size}) {${[...value].map((item) => ` ${show(item, depth + 1, inner)}`).join(',')} }`;
  }
  if (depth > maxDepth) return '[Object]';
  const entries = Object.keys(value).map((key) => `${inspectKey(key)}: ${show(value[key], depth + 1, inner)}`);
  const name = value.constructor?.name;
  const prefix = name === undefined || name === 'Object' ? '' : `${name} `;
  return entries.length === 0 ? `${prefix}{}` : `${prefix}{ ${entries.join(', ')} }`;
}

function show(value, depth, seen) {
  if (typeof value === 'string') return inspectString(value, true);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return value.name ? `[Function: ${value.name}]` : '[Function (anonymous)]';
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : String(value);
  return inspectObject(value, depth, seen);
}

export const inspect = (value) => show(value, 1, []);
inspect.custom = Symbol.for('nodejs.util.inspect.custom');

export function format(...args) {
  if (typeof args[0] !== 'string') {
    return args.map((value) => (typeof value === 'string' ? value : inspect(value))).join(' ');
  }
  let next = 1;
  const text = args[0].replace(/%[sdifjoOc%]/g, (directive) => {
    if (directive === '%%') return '%';
    if (next >= args.length) return directive;
    const value = args[next++];
    if (directive === '%s') return typeof value === 'object' && value !== null ? inspect(value) : String(value);
    if (directive === '%d') return String(Number(value));
    if (directive === '%i') return String(Number.parseInt(value, 10));
    if (directive === '%f') return String(Number.parseFloat(value));
    if (directive === '%j') return JSON.stringify(value);
    return directive === '%c' ? '' : inspect(value);
  });
  const rest = args.slice(next).map((value) => (typeof value === 'string' ? value : inspect(value)));
  return [text, ...rest].join(' ');
}

const custom = Symbol.for('nodejs.util.promisify.custom');

export function promisify(original) {
  if (typeof original !== 'function') throw new TypeError('The "original" argument must be of type function.');
  if (typeof original[custom] === 'function') return original[custom];
  if (original === globalThis.setTimeout) return delay;
  if (original === globalThis.setImmediate) return immediate;
  return function promisified(...args) {
    return new Promise((resolve, reject) => {
      original.call(this, ...args, (error, value) => (error ? reject(error) : resolve(value)));
    });
  };
}

promisify.custom = custom;

export function callbackify(original) {
  return function callbackified(...args) {
    const callback = args.pop();
    original.apply(this, args).then(
      (value) => setImmediate(callback, null, value),
      (error) => setImmediate(callback, error),
    );
  };
}

export function inherits(child, parent) {
  child.super_ = parent;
  Object.setPrototypeOf(child.prototype, parent.prototype);
}

function isDeepStrictEqual(left, right) {
  if (Object.is(left, right)) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Object.getPrototypeOf(left) !== Object.getPrototypeOf(right)) return false;
  if (left instanceof Date) return left.getTime() === right.getTime();
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && isDeepStrictEqual(left[key], right[key]))
  );
}

const types = {
  isDate: (value) => value instanceof Date,
  isRegExp: (value) => value instanceof RegExp,
  isPromise: (value) => value instanceof Promise,
  isNativeError: (value) => value instanceof Error,
  isUint8Array: (value) => value instanceof Uint8Array,
};

export default {
  inspect,
  format,
  promisify,
  callbackify,
  inherits,
  isDeepStrictEqual,
  deprecate: (wrapped) => wrapped,
  types,
  isArray: Array.isArray,
  isDate: types.isDate,
  isRegExp: types.isRegExp,
  isError: types.isNativeError,
  isString: (value) => typeof value === 'string',
  isFunction: (value) => typeof value === 'function',
  isObject: (value) => typeof value === 'object' && value !== null,
  TextEncoder: globalThis.TextEncoder,
  TextDecoder: globalThis.TextDecoder,
};
