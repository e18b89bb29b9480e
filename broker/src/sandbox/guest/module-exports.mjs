/** `module`, `exports` and `global`. */
export function installModules(guest) {
  const { define, on } = guest;
  const exported = {};
  const module = { exports: exported };
  define('global', globalThis);
  define('module', module);
  define('exports', exported);
  on.exported = () => {
    const found = module.exports;
    if (typeof found === 'function') return found;
    if (typeof found !== 'object' || found === null) return undefined;
    if (typeof found.fetchUserProfile === 'function') return found.fetchUserProfile;
    if (typeof found.default === 'function') return found.default;
    const names = guest.keys(found);
    for (let index = 0; index < names.length; index++) {
      if (typeof found[names[index]] === 'function') return found[names[index]];
    }
    return undefined;
  };
  on.started = (given) => on.consoleStarted(given.maxConsoleLines);
}
