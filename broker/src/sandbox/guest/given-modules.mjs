/** npm modules that the administrator allows: `require` finds them before those that every script has. */
export function installGivenModules(guest) {
  const { apply, slice, hasOwn, define } = guest;
  const { lastIndexOf } = String.prototype;
  // biome-ignore lint/security/noGlobalEval: this is the guest, and by another name it evaluates in the global scope.
  const evaluate = globalThis.eval;

  /** `name@1.2.3` without its version; the first letter may be that of a scope. */
  function withoutVersion(name) {
    const at = apply(lastIndexOf, name, ['@']);
    return at > 0 ? apply(slice, name, [0, at]) : name;
  }

  guest.useModules = (sources) => {
    const loaded = { __proto__: null };
    const others = globalThis.require;
    // A plain function, for the same reason as the one that it hides.
    define('require', function require(given) {
      const plain = guest.String(given);
      const name = hasOwn(sources, plain) ? plain : withoutVersion(plain);
      if (!hasOwn(sources, name)) return others(given);
      if (loaded[name] === undefined) {
        const module = { exports: {} };
        // Before it runs: modules may require each other in a ring.
        loaded[name] = module;
        const load = evaluate(`(function(exports,module,require){${sources[name]}\n})\n//# sourceURL=module:${name}`);
        apply(load, module.exports, [module.exports, module, require]);
      }
      return loaded[name].exports;
    });
  };
}
