import type { OnError } from './backend.ts';
import type { Write } from './store.ts';

export type ConfigurationListeners = {
  add(listener: () => void): void;
  notify(): void;
};

export function createConfigurationListeners(onError: OnError): ConfigurationListeners {
  const listeners: (() => void)[] = [];
  return {
    add: (listener) => void listeners.push(listener),
    notify() {
      for (const listener of listeners) {
        try {
          listener();
        } catch (error) {
          // The write is committed; a listener's bug must not make it look failed.
          onError(error);
        }
      }
    },
  };
}

export const changesConfiguration = (writes: readonly Write<unknown>[]): boolean =>
  writes.some((write) => write.changesConfiguration === true);
