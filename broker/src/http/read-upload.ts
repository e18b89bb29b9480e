import type { Upload } from './route.ts';

/** A form with files. Names of files are not looked at: only the bytes that were sent are read. */
export type UploadedForm = {
  readonly fields: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, Uint8Array>>;
};

/** Read by the parser of Node.js itself (undici). undefined: it is no such form, or has a member twice. */
export async function readUpload({ contentType, bytes }: Upload): Promise<UploadedForm | undefined> {
  const fields = new Map<string, string>();
  const files = new Map<string, Uint8Array>();
  try {
    const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': contentType } }).formData();
    for (const [name, value] of form) {
      if (fields.has(name) || files.has(name)) return undefined;
      if (typeof value === 'string') fields.set(name, value);
      else files.set(name, new Uint8Array(await value.arrayBuffer()));
    }
  } catch {
    return undefined;
  }
  return { fields: Object.fromEntries(fields), files: Object.fromEntries(files) };
}
