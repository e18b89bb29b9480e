import { EventEmitter } from './events.mjs';

/** What bundled modules inherit from; nothing streams here, an answer arrives whole. */
export function Stream() {
  EventEmitter.call(this);
}
Stream.prototype = Object.create(EventEmitter.prototype, {
  constructor: { value: Stream, writable: true, configurable: true },
});
Stream.Stream = Stream;

export default Stream;
