/*
 * guest/ is the world that a script sees. Each exported function is turned into text (toString) and evaluated inside
 * the isolate, so it must not use anything from outside its own body but its parameters.
 *
 * Built-ins are captured when the world is made: a script that patches JSON, Promise or Array harms itself only.
 * Records have no prototype, lists of our own are never grown by index, and nothing iterates with for…of.
 */

/** The link to the host, the way in for it, and the rules of calling back. */
export function createGuest() {
  const { apply } = Reflect;
  const { stringify, parse } = JSON;
  const { defineProperty, hasOwn, keys } = Object;
  const { isSafeInteger } = Number;
  const slice = String.prototype.slice;
  const charCodeAt = String.prototype.charCodeAt;
  const ErrorClass = Error;
  const TypeErrorClass = TypeError;
  const StringOf = String;
  const maxTextLength = 8192;

  let host;
  let outbox = '';
  let isEntered = false;
  let isEnded = false;
  let outcome = '';
  let said = 'called back with';
  let maxOutputLength = 0;
  let maxRequests = 0;
  const on = { __proto__: null };

  const cut = (text, length) => (text.length > length ? apply(slice, text, [0, length]) : text);

  /** Messages of one entry travel together as its return value; those of its microtasks go one by one. */
  function post(op, id, head, body) {
    if (isEnded) return;
    const message = `[${stringify(op)},${id},${stringify(head)},${stringify(body)}]`;
    if (isEntered) outbox = outbox === '' ? message : `${outbox},${message}`;
    else host('post', message, '');
  }

  /** Goes out at once, so that a console line before an endless loop is not lost. */
  const call = (op, first, second) => host(op, first, second);

  function end(op, head, body) {
    post(op, 0, head, body);
    outcome = `[${stringify(op)},0,${stringify(head)},${stringify(body)}]`;
    isEnded = true;
  }

  function read(value, key) {
    try {
      const found = value[key];
      if (typeof found === 'string') return cut(found, maxTextLength);
      if (typeof found === 'number') return `${found}`;
    } catch {
      // A getter or a proxy of the script's own that throws: the property counts as absent.
    }
    return undefined;
  }

  /** What can be told about anything that was thrown or called back with. */
  function describe(error) {
    const told = { __proto__: null, name: '', message: '', stack: '', code: '' };
    if ((typeof error !== 'object' || error === null) && typeof error !== 'function') {
      told.message = cut(typeof error === 'symbol' ? 'a symbol' : StringOf(error), maxTextLength);
      return told;
    }
    told.name = read(error, 'name') ?? '';
    told.stack = read(error, 'stack') ?? '';
    told.code = read(error, 'code') ?? '';
    const message = read(error, 'message') ?? read(error, 'description');
    if (message !== undefined) {
      told.message = message;
      return told;
    }
    try {
      told.message = cut(stringify(error) ?? 'an object', maxTextLength);
    } catch {
      told.message = 'an object that cannot be shown';
    }
    return told;
  }

  function fail(kind, error) {
    const told = describe(error);
    if (isEnded) {
      on.note?.(`After the script had called back: ${told.name}: ${told.message}`);
      return;
    }
    told.kind = kind;
    end('fail', stringify(told), '');
  }

  /** An error of our own has the stack of this call, and in it the script's line. */
  const failWith = (kind, message) => {
    // Making one takes its time: a script that runs on after its end must not pay it ten thousand times.
    if (!isEnded) fail(kind, new ErrorClass(message));
  };

  /** Every function of the script is called through here: what it throws ends the run with its own error. */
  function guard(fn, self, args) {
    try {
      return apply(fn, self, args);
    } catch (error) {
      fail('runtime', error);
      return undefined;
    }
  }

  function succeed(value) {
    if (value === undefined || typeof value === 'function' || typeof value === 'symbol') {
      return failWith('contract', `The script ${said} ${typeof value}.`);
    }
    let text;
    try {
      text = stringify(value);
    } catch (error) {
      return failWith('contract', `The script ${said} something that is not JSON: ${describe(error).message}`);
    }
    if (typeof text !== 'string') return failWith('contract', `The script ${said} something that is not JSON.`);
    succeedWith(text);
  }

  /** The value as JSON. */
  function succeedWith(text) {
    if (text.length > maxOutputLength) {
      return failWith('limit', `The script ${said} more than ${maxOutputLength} bytes.`);
    }
    end('done', '', text);
  }

  function callback(error, value) {
    if (isEnded) return on.note?.('The script called back more than once. The first call counts.');
    if (error) return fail('callback', error);
    succeed(value);
  }

  /** Made of a list of our own: the script may have patched what spreading one looks up. */
  function append(list, value) {
    defineProperty(list, list.length, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
    return list;
  }

  /** Calls the function that the script is, or exports. */
  function callScript(script, args) {
    const call = typeof script === 'function' ? script : on.exported();
    if (call !== undefined) return guard(call, undefined, args);
    failWith('contract', 'The script is not a function and does not export one.');
    return undefined;
  }

  /** Awaiting asks nothing that a script can patch, as `then` would. */
  async function settle(value) {
    try {
      succeed(await value);
    } catch (error) {
      fail('runtime', error);
    }
  }

  /** By the kind of the entry: how the script is called, and what its value is. */
  const entries = {
    __proto__: null,
    callback(script, given) {
      callScript(
        script,
        append(given.arguments, (error, value) => callback(error, value)),
      );
    },
    return(script, given) {
      said = 'returned';
      const value = callScript(script, given.arguments);
      if (!isEnded) settle(value);
    },
  };

  function start(script, argumentsText, worldText) {
    const given = parse(argumentsText);
    const world = parse(worldText);
    maxOutputLength = given.maxOutputLength;
    maxRequests = given.maxRequests;
    on.started(given);
    define('configuration', world.configuration ?? {});
    if (world.modules !== undefined) guest.giveModules(world.modules);
    entries[given.kind](script, given);
  }

  function enter(op, first, second, third) {
    if (op === 'outcome') return outcome;
    isEntered = true;
    outbox = '';
    if (op === 'start') start(first, second, third);
    else if (!isEnded) on[op](first, second, third);
    on.leaving();
    isEntered = false;
    return outbox;
  }

  /** Called once, when the isolate is warmed; the name is gone before a script is compiled. */
  defineProperty(globalThis, '__enter', {
    configurable: true,
    value(link) {
      delete globalThis.__enter;
      // Not in the snapshot: V8 installs these two when a context starts, and insists on doing it itself.
      delete globalThis.SharedArrayBuffer;
      delete globalThis.Atomics;
      host = link;
      return enter;
    },
  });

  /** For the snapshot, where there is no host: `link` answers in its place. */
  function withLink(link, act) {
    host = link;
    act();
    host = undefined;
  }

  const define = (name, value) => {
    defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
  };

  /** Compiled when it is first used: the snapshot and each fresh isolate stay small. */
  const defineLazily = (name, make) => {
    let made;
    const get = () => {
      if (made === undefined) {
        made = make();
        if (made !== undefined) define(name, made);
      }
      return made;
    };
    defineProperty(globalThis, name, {
      configurable: true,
      enumerable: false,
      get,
      set: (value) => define(name, value),
    });
    return get;
  };

  const guest = {
    __proto__: null,
    apply,
    stringify,
    parse,
    hasOwn,
    keys,
    isSafeInteger,
    charCodeAt,
    slice,
    cut,
    Error: ErrorClass,
    TypeError: TypeErrorClass,
    String: StringOf,
    on,
    entries,
    append,
    callScript,
    succeedWith,
    callback,
    say: (words) => {
      said = words;
    },
    post,
    call,
    withLink,
    guard,
    fail,
    failWith,
    describe,
    define,
    defineLazily,
    isEnded: () => isEnded,
    isEntered: () => isEntered,
    maxRequests: () => maxRequests,
    maxOutputLength: () => maxOutputLength,
  };
  return guest;
}
