/**
 * The entry of an Action: `exports[handler](event, api)`. What the Action asks for is written down in order and applied
 * by the broker after the run; `api` answers by itself only what needs no broker.
 */
export function installAction(guest) {
  const { stringify, parse, hasOwn, define } = guest;
  const ProxyClass = Proxy;

  /** Methods that are written down, by trigger and member. Auth0: a member that a trigger does not have is undefined. */
  const recordedMethods = {
    __proto__: null,
    'post-login': {
      __proto__: null,
      access: ['deny'],
      idToken: ['setCustomClaim'],
      accessToken: ['setCustomClaim', 'addScope', 'removeScope'],
      user: ['setAppMetadata', 'setUserMetadata'],
      redirect: ['sendUserTo'],
      multifactor: ['enable'],
      authentication: [
        'challengeWith',
        'challengeWithAny',
        'enrollWith',
        'enrollWithAny',
        'recordMethod',
        'setPrimaryUser',
      ],
      refreshToken: ['revoke', 'setExpiresAt', 'setIdleExpiresAt', 'setMetadata', 'deleteMetadata', 'evictMetadata'],
      session: [
        'revoke',
        'setExpiresAt',
        'setIdleExpiresAt',
        'setCookieMode',
        'setMetadata',
        'deleteMetadata',
        'evictMetadata',
      ],
      transaction: ['setMetadata'],
      prompt: ['render'],
      validation: ['error'],
      samlResponse: [
        'setAttribute',
        'setAudience',
        'setAuthnContextClassRef',
        'setCert',
        'setCreateUpnClaim',
        'setDestination',
        'setDigestAlgorithm',
        'setEncryptionCert',
        'setEncryptionPublicKey',
        'setIncludeAttributeNameFormat',
        'setIssuer',
        'setKey',
        'setLifetimeInSeconds',
        'setMapIdentities',
        'setMapUnknownClaimsAsIs',
        'setNameIdentifierFormat',
        'setNameIdentifierProbes',
        'setPassthroughClaimsWithNoMapping',
        'setRecipient',
        'setRelayState',
        'setSignatureAlgorithm',
        'setSigningCert',
        'setSignResponse',
        'setTypedAttributes',
      ],
    },
    'credentials-exchange': { __proto__: null, access: ['deny'], accessToken: ['setCustomClaim'] },
    'custom-token-exchange': {
      __proto__: null,
      access: ['deny', 'rejectInvalidSubjectToken'],
      authentication: ['setUserById', 'setUserByConnection', 'setOrganization', 'setActor'],
      user: ['setAppMetadata', 'setUserMetadata'],
    },
  };

  let effects = '';

  /** The call as JSON, or the end of the run: what cannot be written down must not be half done. */
  function record(name, args, count) {
    if (guest.isEnded()) return;
    let used = count;
    while (used > 0 && args[used - 1] === undefined) used -= 1;
    let written = '';
    for (let index = 0; index < used; index++) {
      let text;
      try {
        const value = args[index];
        text = value === undefined ? 'null' : stringify(value);
      } catch {
        text = undefined;
      }
      if (typeof text !== 'string') {
        // Made here, so that its stack has the line of the call.
        guest.fail('contract', new guest.Error(`api.${name} was called with something that is not JSON.`));
        return;
      }
      written = index === 0 ? text : `${written},${text}`;
    }
    const effect = `{"name":${stringify(name)},"arguments":[${written}]}`;
    effects = effects === '' ? effect : `${effects},${effect}`;
    if (effects.length > guest.maxOutputLength()) {
      guest.failWith('limit', `The Action asked for more than ${guest.maxOutputLength()} bytes of changes.`);
    }
  }

  function createApi({ trigger, cache, redirect }) {
    const api = {};
    const tables = recordedMethods[trigger];
    for (const member in tables) {
      const methods = {};
      const names = tables[member];
      for (let index = 0; index < names.length; index++) {
        const name = `${member}.${names[index]}`;
        // Auth0: setters can be chained.
        methods[names[index]] = (...args) => {
          record(name, args, args.length);
          return api;
        };
      }
      api[member] = methods;
    }
    api.cache = createCache(cache);
    if (trigger !== 'post-login') return api;
    const more = guest.createRedirect(redirect);
    api.redirect.canRedirect = more.canRedirect;
    api.redirect.encodeToken = more.encodeToken;
    api.redirect.validateToken = more.validateToken;
    // Rules and Actions do not run in one sign-in here.
    api.rules = { wasExecuted: () => false };
    api.groups = createUnserved('groups');
    api.roles = createUnserved('roles');
    return api;
  }

  /** What it answers would decide about rights: no answer is better than a wrong one. Names are Auth0's, whichever. */
  function createUnserved(member) {
    const read = (_target, name) => {
      if (typeof name !== 'string' || name === 'then' || name === 'toJSON') return undefined;
      // Made in the call, so that its stack has the line.
      return () => guest.failWith('contract', `api.${member}.${name} is not served here.`);
    };
    return new ProxyClass({}, { __proto__: null, get: read });
  }

  /** What the broker has kept, under what this run has written. */
  function createCache(kept) {
    const changed = { __proto__: null };
    const maxKeyLength = 64;
    const maxValueLength = 4096;
    return {
      get(key) {
        const name = guest.String(key);
        const found = name in changed ? changed[name] : hasOwn(kept, name) ? kept[name] : undefined;
        if (found === undefined || found === null) return undefined;
        return typeof found === 'object' ? parse(stringify(found)) : { value: found };
      },
      set(key, value, options) {
        const name = guest.String(key);
        if (typeof value !== 'string') {
          return { type: 'error', code: 'invalid_value', message: 'The value of a cache entry must be a string.' };
        }
        if (name.length > maxKeyLength || value.length > maxValueLength) {
          return { type: 'error', code: 'too_large', message: 'The key or the value of the cache entry is too long.' };
        }
        changed[name] = value;
        record('cache.set', [name, value, options], 3);
        return { type: 'success', record: { value } };
      },
      delete(key) {
        const name = guest.String(key);
        changed[name] = undefined;
        record('cache.delete', [name], 1);
        return { type: 'success' };
      },
    };
  }

  async function settle(value) {
    try {
      await value;
    } catch (error) {
      guest.fail('runtime', error);
      return;
    }
    guest.succeedWith(`{"effects":[${effects}]}`);
  }

  /** `script` is the wrapper of compile.mjs; nothing of the Action has run before this. */
  guest.entries.action = (script, { handler, event, api }) => {
    guest.say('asked for');
    const module = { exports: {} };
    define('module', module);
    define('exports', module.exports);
    guest.guard(script, module.exports, [module.exports, module, globalThis.require]);
    if (guest.isEnded()) return;
    const call = module.exports?.[handler];
    if (typeof call === 'function') {
      const value = guest.guard(call, module.exports, [event, createApi(api)]);
      if (!guest.isEnded()) settle(value);
      return;
    }
    // Auth0: an Action that has nothing to do after a redirect is passed over.
    if (handler === 'onContinuePostLogin') settle(undefined);
    else guest.failWith('contract', `The Action does not export ${handler}.`);
  };
}
