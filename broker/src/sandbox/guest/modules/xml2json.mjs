import xml2js from 'xml2js';

const options = { explicitArray: false, mergeAttrs: true, charkey: '$t', emptyTag: {} };

/** xml2json's way over xml2js: attributes are members, a text beside them is `$t`. */
export default {
  toJson(xml, { object = false, trim = true, arrayNotation = false } = {}) {
    let found;
    const settings = { ...options, trim, explicitArray: arrayNotation === true };
    xml2js.parseString(String(xml), settings, (error, result) => {
      if (error) throw error;
      found = result;
    });
    return object ? found : JSON.stringify(found);
  },
  toXml: (value) =>
    new xml2js.Builder({ headless: true }).buildObject(typeof value === 'string' ? JSON.parse(value) : value),
};
