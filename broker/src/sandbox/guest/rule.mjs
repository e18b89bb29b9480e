/** The entry of a rule: `function (user, context, callback)`. Its value is both as the rule left them. */
export function installRule(guest) {
  const { stringify, define } = guest;
  let changes = '';

  /** Auth0: `auth0.users`. The broker saves after the run; the promise is kept at once. */
  function recordChange(name) {
    return async (userId, metadata) => {
      const written = stringify([userId, metadata]);
      const change = `{"name":${stringify(`users.${name}`)},"arguments":${written}}`;
      if (!guest.isEnded()) changes = changes === '' ? change : `${changes},${change}`;
      if (changes.length > guest.maxOutputLength()) {
        guest.failWith('limit', `The rule asked for more than ${guest.maxOutputLength()} bytes of changes.`);
      }
      return { user_id: userId, [name === 'updateAppMetadata' ? 'app_metadata' : 'user_metadata']: metadata };
    };
  }

  function succeed(user, context) {
    let text;
    try {
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

  const isObject = (value) => typeof value === 'object' && value !== null;

  guest.entries.rule = (script, { user, context }) => {
    define('auth0', {
      users: {
        updateAppMetadata: recordChange('updateAppMetadata'),
        updateUserMetadata: recordChange('updateUserMetadata'),
      },
    });
    const callback = (error, newUser, newContext) => {
      if (guest.isEnded() || error) guest.callback(error);
      else succeed(isObject(newUser) ? newUser : user, isObject(newContext) ? newContext : context);
    };
    guest.callScript(script, [user, context, callback]);
  };
}
