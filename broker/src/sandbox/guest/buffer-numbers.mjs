/** `readUInt16LE`, `writeDoubleBE` and their like: made when a script first uses `Buffer`. */
export function installBufferNumbers(guest) {
  const View = DataView;
  /** Node's name, and that of DataView. */
  const kinds = [
    ['UInt8', 'Uint8'],
    ['UInt16', 'Uint16'],
    ['UInt32', 'Uint32'],
    ['Int8', 'Int8'],
    ['Int16', 'Int16'],
    ['Int32', 'Int32'],
    ['Float', 'Float32'],
    ['Double', 'Float64'],
    ['BigInt64', 'BigInt64'],
    ['BigUInt64', 'BigUint64'],
  ];

  guest.bufferNumbers = () => {
    const methods = {};
    const viewOf = (bytes) => new View(bytes.buffer, bytes.byteOffset, bytes.byteLength);

    function addPair(kind, stored, ending) {
      const isLittle = ending === 'LE';
      const size = Number(stored.replace(/\D+/, '')) / 8;
      const read = function (at = 0) {
        return viewOf(this)[`get${stored}`](at, isLittle);
      };
      const write = function (value, at = 0) {
        viewOf(this)[`set${stored}`](at, value, isLittle);
        return at + size;
      };
      const others = kind.replace('UInt', 'Uint');
      for (const name of [`${kind}${ending}`, `${others}${ending}`]) {
        methods[`read${name}`] = read;
        methods[`write${name}`] = write;
      }
    }

    for (const [kind, stored] of kinds) {
      const endings = kind.endsWith('Int8') ? [''] : ['LE', 'BE'];
      for (const ending of endings) addPair(kind, stored, ending);
    }
    return methods;
  };
}
