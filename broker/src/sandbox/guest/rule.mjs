/** The entry of a rule: `function (user, context, callback)`. Its value is both as the rule left them. */
export function installRule(guest) {
  const { stringify, define, hasOwn, keys } = guest;
  const { defineProperty, getOwnPropertyDescriptor } = Object;
  let changes = '';
  /** What was on `global` at the start, as JSON. */
  const before = { __proto__: null };

  function add(name, written) {
    const change = `{"name":${stringify(name)},"arguments":${written}}`;
    changes = changes === '' ? change : `${changes},${change}`;
  }

  /** Auth0: `auth0.users`. The broker saves after the run; the promise is kept at once. */
  function recordChange(name) {
    return async (userId, metadata) => {
      const written = stringify([userId, metadata]);
      if (!guest.isEnded()) add(`users.${name}`, written);
      if (changes.length > guest.maxOutputLength()) {
        guest.failWith('limit', `The rule asked for more than ${guest.maxOutputLength()} bytes of changes.`);
      }
      return { user_id: userId, [name === 'updateAppMetadata' ? 'app_metadata' : 'user_metadata']: metadata };
    };
  }

  /** Auth0: `global` lives on between runs. Here its JSON does. */
  function restoreGlobal(kept) {
    const names = keys(kept);
    for (let index = 0; index < names.length; index++) {
      const name = names[index];
      // A name that is ours by now stays ours.
      if (name in globalThis) continue;
      before[name] = stringify(kept[name]);
      const value = kept[name];
      defineProperty(globalThis, name, {
        __proto__: null,
        value,
        writable: true,
        enumerable: true,
        configurable: true,
      });
    }
  }

  function toJson(value) {
    try {
      return stringify(value);
    } catch {
      return undefined;
    }
  }

  /** Nothing of ours on `global` is enumerable. What is there behind a getter was meant for this run. */
  function recordGlobal() {
    const names = keys(globalThis);
    for (let index = 0; index < names.length; index++) {
      const name = names[index];
      const { value } = getOwnPropertyDescriptor(globalThis, name);
      const text = toJson(value);
      if (text !== undefined && text !== before[name]) add('global.set', `[${stringify(name)},${text}]`);
      if (text === undefined && value !== undefined)
        guest.on.note(`global.${name} is not JSON: later runs do not have it.`);
    }
    const known = keys(before);
    for (let index = 0; index < known.length; index++) {
      if (!hasOwn(globalThis, known[index])) add('global.delete', `[${stringify(known[index])}]`);
    }
  }

  function succeed(user, context) {
    let text;
    try {
      recordGlobal();
      text = `{"user":${stringify(user)},"context":${stringify(context)},"effects":[${changes}]}`;
    } catch (error) {
      guest.failWith(
        'contract',
        `The rule called back with something that is not JSON: ${guest.describe(error).message}`,
      );
      return;
    }
    guest.succeedWith(text);
  }

  /** Auth0: also a token for the Management API, which this broker hands to no script. */
  function createAuth0(issuer) {
    const auth0 = {
      users: {
        updateAppMetadata: recordChange('updateAppMetadata'),
        updateUserMetadata: recordChange('updateUserMetadata'),
      },
    };
    if (issuer !== undefined) {
      const base = issuer[issuer.length - 1] === '/' ? guest.apply(guest.slice, issuer, [0, -1]) : issuer;
      auth0.domain = guest.apply(guest.slice, base, [base.indexOf('//') + 2]);
      auth0.baseUrl = `${base}/api/v2`;
    }
    const get = () => {
      const error = new guest.Error(
        'auth0.accessToken is not supported here. Rules get no token for the Management API: request one with a client of your own, or save metadata with auth0.users.',
      );
      error.code = 'NOT_SUPPORTED';
      throw error;
    };
    defineProperty(auth0, 'accessToken', { __proto__: null, get, enumerable: false, configurable: true });
    return auth0;
  }

  const isObject = (value) => typeof value === 'object' && value !== null;

  guest.entries.rule = (script, { user, context, global: kept, issuer }) => {
    define('auth0', createAuth0(issuer));
    if (kept !== undefined) restoreGlobal(kept);
    const callback = (error, newUser, newContext) => {
      if (guest.isEnded() || error) guest.callback(error);
      else succeed(isObject(newUser) ? newUser : user, isObject(newContext) ? newContext : context);
    };
    guest.callScript(script, [user, context, callback]);
  };
}
