/**
 * npm modules that the administrator allows: `require` finds them before those that every script has. The text is asked
 * of the host when a script first wants it.
 */
export function installGivenModules(guest) {
  const { apply, slice, hasOwn, define, on } = guest;
  const { lastIndexOf } = String.prototype;
  // biome-ignore lint/security/noGlobalEval: this is the guest, and by another name it evaluates in the global scope.
  const evaluate = globalThis.eval;

  /** `name@1.2.3` without its version; the first letter may be that of a scope. */
  function withoutVersion(name) {
    const at = apply(lastIndexOf, name, ['@']);
    return at > 0 ? apply(slice, name, [0, at]) : name;
  }

  /** What a module itself requires: a failure names the module, whose author nobody knows here. */
  const requireFor = (title) =>
    function require(wanted) {
      try {
        return globalThis.require(wanted);
      } catch (error) {
        if (error?.code === 'MODULE_NOT_FOUND') {
          error.message = `${error.message}, which scripts do not have and the npm module ${title} requires`;
        }
        throw error;
      }
    };

  /** `given`: title and hash by what a script may write. */
  guest.giveModules = (given) => {
    const loaded = { __proto__: null };
    const others = globalThis.require;
    // A plain function, for the same reason as the one that it hides.
    define('require', function require(wanted) {
      const plain = guest.String(wanted);
      const name = hasOwn(given, plain) ? plain : withoutVersion(plain);
      if (!hasOwn(given, name)) return others(wanted);
      const { hash, title } = given[name];
      if (name !== plain && plain !== title) on.note(`require('${plain}') gave the allowed version ${title}.`);
      if (loaded[title] === undefined) {
        const module = { exports: {} };
        // Before it runs: modules may require each other in a ring.
        loaded[title] = module;
        const text = guest.call('given', hash, '');
        try {
          const load = evaluate(`(function(exports,module,require){${text}\n})\n//# sourceURL=module:${title}`);
          apply(load, module.exports, [module.exports, module, requireFor(title)]);
        } catch (error) {
          delete loaded[title];
          throw error;
        }
      }
      return loaded[title].exports;
    });
  };
}
