/**
 * Lets so many into their isolates at once. isolated-vm makes a thread for each that finds none free, and the address
 * space of the host has room for a known number of threads only.
 */
export function createGate(places) {
  const waiting = [];
  let taken = 0;
  return {
    /** @returns {Promise<void> | undefined} undefined: there was a place, nothing to wait for */
    enter() {
      if (taken < places) {
        taken += 1;
        return undefined;
      }
      return new Promise((resolve) => waiting.push(resolve));
    },
    /** The place goes to the first who waits. */
    leave() {
      const next = waiting.shift();
      if (next === undefined) taken -= 1;
      else next();
    },
  };
}
