/**
 * `require`, and the globals that are modules. A module's text is asked of the host when a script first wants it, so that
 * the snapshot, and every run that needs none, stays small.
 */
export function installRequire(guest) {
  const { define, defineLazily, on } = guest;
  // biome-ignore lint/security/noGlobalEval: this is the guest, and by another name it evaluates in the global scope.
  const evaluate = globalThis.eval;
  const loaded = { __proto__: null };
  const loading = { __proto__: null };

  const provided = {
    __proto__: null,
    request: () => globalThis.request,
    // The old name is what some modules extend when they load.
    buffer: () => ({ Buffer: globalThis.Buffer, SlowBuffer: globalThis.Buffer }),
    process: () => globalThis.process,
  };

  const notFound = (name) => {
    const error = new guest.Error(`Cannot find module '${name}'`);
    error.code = 'MODULE_NOT_FOUND';
    return error;
  };

  /** Known before it has run: a module that asks for itself while it loads gets what there is so far. */
  function run(name, text) {
    const module = { exports: {} };
    loaded[name] = module;
    loading[name] = true;
    try {
      const make = evaluate(`(function (module, exports, require, guest) {${text}\n})\n//# sourceURL=portico:${name}`);
      guest.apply(make, undefined, [module, module.exports, require, guest]);
    } catch (error) {
      delete loaded[name];
      throw error;
    } finally {
      delete loading[name];
    }
    on.loaded?.(name, module);
    return module.exports;
  }

  function load(name) {
    if (loaded[name] !== undefined) return loaded[name].exports;
    if (provided[name] !== undefined) return provided[name]();
    return run(name, guest.call('module', name, ''));
  }

  // A plain function: `new require('x').Y` parses as a construction of require.
  function require(wanted) {
    const name = guest.String(wanted);
    if (loaded[name] !== undefined) return loaded[name].exports;
    const found = guest.parse(guest.call('resolve', name, ''));
    if (found.problem !== undefined) throw new guest.Error(found.problem);
    if (found.name === undefined) throw notFound(name);
    if (found.note !== undefined) on.note(found.note);
    return load(found.name);
  }
  define('require', require);
  /** For the globals. lodash reads the global `_` while it loads: there is none yet. */
  const take = (name) => (loading[name] ? undefined : require(name));
  guest.take = take;

  const lazily = (pack, names) => {
    for (let index = 0; index < names.length; index++) {
      const name = names[index];
      defineLazily(name, () => take(pack)?.[name]);
    }
  };
  lazily('portico:web', [
    'fetch',
    'Headers',
    'Request',
    'Response',
    'FormData',
    'Blob',
    'File',
    'Event',
    'EventTarget',
    'CustomEvent',
    'AbortController',
    'AbortSignal',
    'DOMException',
    'structuredClone',
  ]);
  lazily('portico:subtle', ['CryptoKey', 'SubtleCrypto']);
  lazily('portico:errors', ['UnauthorizedError', 'ValidationError', 'WrongUsernameOrPasswordError']);
  defineLazily('jwt', () => take('jsonwebtoken'));
  defineLazily('_', () => take('lodash'));
  defineLazily('crypto', () => take('crypto'));
  defineLazily('xml2js', () => take('xml2js'));
  defineLazily('xmldom', () => take('xmldom'));
  defineLazily('querystring', () => take('querystring'));
  defineLazily('uuid', () => take('uuid'));
  defineLazily('async', () => take('async'));
  defineLazily('bcrypt', () => take('bcrypt'));

  /** For the snapshot: runs modules that scripts ask for, from a record of what the host answered. */
  guest.runModules = (asked) => {
    const link = (op, name) => asked.find(([otherOp, otherName]) => otherOp === op && otherName === name)?.[2] ?? '{}';
    guest.withLink(link, () => {
      asked.forEach(([op, name]) => {
        if (op === 'module') load(name);
      });
    });
  };
  lazily('portico:process', ['process', 'performance']);
}
