/** @file What a row says about its image: the name of a file, or the image itself. */

export type ImageReference =
  | { kind: 'file'; name: string }
  | { kind: 'bytes'; bytes: Uint8Array; name: string }
  | { kind: 'fault'; reason: string };

/** The data of a `data:` address, or of the hub's `{bytes, path}`; anything else that is text names a file. */
export function imageReference(value: unknown, column: string, line: number): ImageReference {
  const single: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
  if (single instanceof Uint8Array) return embedded(single, null, line);
  if (typeof single === 'string') {
    const text = single.trim();
    if (text === '') return { kind: 'fault', reason: `The column "${column}" is empty.` };
    return text.startsWith('data:image/') ? fromDataAddress(text, line) : { kind: 'file', name: text };
  }
  if (Array.isArray(single))
    return { kind: 'fault', reason: `The column "${column}" holds ${single.length} values instead of one.` };
  if (typeof single === 'object' && single !== null) {
    const { bytes, path, file_name: fileName } = single as Record<string, unknown>;
    const name = typeof path === 'string' ? path : typeof fileName === 'string' ? fileName : null;
    if (bytes instanceof Uint8Array && bytes.length > 0) return embedded(bytes, name, line);
    if (name !== null && name !== '') return { kind: 'file', name };
    return { kind: 'fault', reason: `The column "${column}" holds an object instead of text.` };
  }
  if (single === undefined || single === null) return { kind: 'fault', reason: `The column "${column}" is empty.` };
  return { kind: 'file', name: JSON.stringify(single) };
}

function embedded(bytes: Uint8Array, path: string | null, line: number): ImageReference {
  // Only the last part: it is a name to show, not a way to go.
  const name = path?.split(/[\\/]/).at(-1);
  return { kind: 'bytes', bytes, name: name === undefined || name === '' ? `row-${line}` : name };
}

function fromDataAddress(text: string, line: number): ImageReference {
  const match = /^data:image\/[a-z0-9.+-]+;base64,/i.exec(text);
  if (match === null) return { kind: 'fault', reason: 'The image is an address that is not encoded as base64.' };
  return embedded(Buffer.from(text.slice(match[0].length), 'base64'), null, line);
}
