import util from './util.mjs';

/** Node's `assert`; what is not strict compares as `==` does, deeply too. */
class AssertionError extends Error {
  constructor({ message, actual, expected, operator }) {
    super(message ?? `${util.inspect(actual)} ${operator} ${util.inspect(expected)}`);
    this.name = 'AssertionError';
    this.code = 'ERR_ASSERTION';
    Object.assign(this, { actual, expected, operator, generatedMessage: message === undefined });
  }
}

function fail(message, told) {
  if (message instanceof Error) throw message;
  throw new AssertionError({ message, ...told });
}

// biome-ignore lint/suspicious/noDoubleEquals: this is what the older half of the module promises.
const isLoose = (left, right) => left == right || (Number.isNaN(left) && Number.isNaN(right));

function isLooselyDeep(left, right) {
  const areObjects = typeof left === 'object' && typeof right === 'object' && left !== null && right !== null;
  if (!areObjects) return isLoose(left, right);
  if (left instanceof Date && right instanceof Date) return left.getTime() === right.getTime();
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && isLooselyDeep(left[key], right[key]))
  );
}

const compare = (operator, holds) => (actual, expected, message) => {
  if (!holds(actual, expected)) fail(message, { actual, expected, operator });
};

function matches(error, expected) {
  if (expected === undefined || typeof expected === 'string') return true;
  if (expected instanceof RegExp) return expected.test(String(error));
  if (typeof expected === 'function') {
    if (expected.prototype !== undefined && error instanceof expected) return true;
    const isErrorClass = expected === Error || expected.prototype instanceof Error;
    return !isErrorClass && expected.call({}, error) === true;
  }
  return Object.keys(expected).every((key) =>
    expected[key] instanceof RegExp && typeof error[key] === 'string'
      ? expected[key].test(error[key])
      : util.isDeepStrictEqual(error[key], expected[key]),
  );
}

function checkError(error, expected, message) {
  if (!matches(error, expected)) fail(message, { message: 'The error is not as expected.', actual: error, expected });
}

function throws(call, expected, message) {
  let thrown;
  try {
    call();
  } catch (error) {
    thrown = { error };
  }
  const words = typeof expected === 'string' ? expected : message;
  if (thrown === undefined) fail(words ?? 'Missing expected exception.', { operator: 'throws' });
  checkError(thrown.error, expected, message);
}

async function rejects(given, expected, message) {
  let thrown;
  try {
    await (typeof given === 'function' ? given() : given);
  } catch (error) {
    thrown = { error };
  }
  const words = typeof expected === 'string' ? expected : message;
  if (thrown === undefined) fail(words ?? 'Missing expected rejection.', { operator: 'rejects' });
  checkError(thrown.error, expected, message);
}

const ok = (value, message) => {
  if (!value) fail(message ?? 'The expression evaluated to a falsy value', { actual: value, expected: true });
};
const { isDeepStrictEqual } = util;

const strict = {
  strictEqual: compare('strictEqual', Object.is),
  notStrictEqual: compare('notStrictEqual', (left, right) => !Object.is(left, right)),
  deepStrictEqual: compare('deepStrictEqual', isDeepStrictEqual),
  notDeepStrictEqual: compare('notDeepStrictEqual', (left, right) => !isDeepStrictEqual(left, right)),
  match: compare('match', (text, pattern) => pattern.test(text)),
  doesNotMatch: compare('doesNotMatch', (text, pattern) => !pattern.test(text)),
};
const both = {
  ...strict,
  ok,
  throws,
  rejects,
  fail: (message = 'Failed') => fail(message, { operator: 'fail' }),
  ifError(value) {
    if (value === null || value === undefined) return;
    const told = typeof value?.message === 'string' ? value.message : util.inspect(value);
    fail(`ifError got unwanted exception: ${told}`, { actual: value, expected: null, operator: 'ifError' });
  },
  AssertionError,
};

const assert = Object.assign((value, message) => ok(value, message), both, {
  equal: compare('==', isLoose),
  notEqual: compare('!=', (left, right) => !isLoose(left, right)),
  deepEqual: compare('deepEqual', isLooselyDeep),
  notDeepEqual: compare('notDeepEqual', (left, right) => !isLooselyDeep(left, right)),
});
assert.strict = Object.assign((value, message) => ok(value, message), both, {
  equal: strict.strictEqual,
  notEqual: strict.notStrictEqual,
  deepEqual: strict.deepStrictEqual,
  notDeepEqual: strict.notDeepStrictEqual,
});
assert.strict.strict = assert.strict;

export default assert;
