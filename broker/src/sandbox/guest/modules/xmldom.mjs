import * as xmldom from '@xmldom/xmldom';

/** The kind of the text may be left out, as before version 0.9. */
class DOMParser extends xmldom.DOMParser {
  parseFromString(source, mimeType = 'text/xml') {
    return super.parseFromString(source, mimeType);
  }
}

export default { ...xmldom, DOMParser };
