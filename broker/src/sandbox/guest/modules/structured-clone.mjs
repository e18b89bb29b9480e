import { DOMException } from './abort.mjs';

const errors = { Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError };

function cloneError(error) {
  const clone = new (errors[error.name] ?? Error)(error.message);
  clone.stack = error.stack;
  return clone;
}

function clone(value, seen) {
  if (typeof value === 'function' || typeof value === 'symbol') {
    throw new DOMException(`${String(value)} could not be cloned.`, 'DataCloneError');
  }
  if (typeof value !== 'object' || value === null) return value;
  if (seen.has(value)) return seen.get(value);
  const keep = (made) => {
    seen.set(value, made);
    return made;
  };
  if (value instanceof Date) return keep(new Date(value.getTime()));
  if (value instanceof RegExp) return keep(new RegExp(value.source, value.flags));
  if (value instanceof ArrayBuffer) return keep(value.slice(0));
  if (ArrayBuffer.isView(value)) return keep(Uint8Array.from(value));
  if (value instanceof Error) return keep(cloneError(value));
  if (value instanceof Map) {
    const made = keep(new Map());
    for (const [key, item] of value) made.set(clone(key, seen), clone(item, seen));
    return made;
  }
  if (value instanceof Set) {
    const made = keep(new Set());
    for (const item of value) made.add(clone(item, seen));
    return made;
  }
  const made = keep(Array.isArray(value) ? new Array(value.length) : {});
  for (const key of Object.keys(value)) {
    Object.defineProperty(made, key, {
      value: clone(value[key], seen),
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
  return made;
}

/** A deep copy; what has no copy, such as a function, throws. */
export const structuredClone = (value) => clone(value, new Map());
