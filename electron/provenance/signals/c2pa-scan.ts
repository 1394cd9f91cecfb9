/** @file A quick look whether an image carries a Content Credential at all: most do not, and the full reader is heavy. */

/** Type of the JUMBF box that holds all manifests: `c2pa` and the fixed rest of its UUID. */
const STORE_TYPE = Buffer.from('6332706100110010800000aa00389b71', 'hex');
const JUMBF = Buffer.from('jumb', 'latin1');
const C2PA = Buffer.from('c2pa', 'latin1');
const TRAINING = /(?:c2pa|cawg)\.training-mining/;

/** `sure`: a manifest store begins in these bytes. `maybe`: its words are there. `none`: no trace. */
export function scanForManifest(image: Uint8Array): 'sure' | 'maybe' | 'none' {
  const bytes = view(image);
  if (bytes.includes(STORE_TYPE)) return 'sure';
  return bytes.includes(JUMBF) && bytes.includes(C2PA) ? 'maybe' : 'none';
}

/** For a manifest that cannot be read: whether its bytes hold an assertion on training that says "not allowed". */
export function scanForProhibition(image: Uint8Array): string | null {
  const bytes = view(image);
  if (!bytes.includes('training-mining')) return null;
  const text = bytes.toString('latin1');
  const match = TRAINING.exec(text);
  return match !== null && /notAllowed|constrained/.test(text) ? `${match[0]} … notAllowed` : null;
}

function view(image: Uint8Array): Buffer {
  return Buffer.from(image.buffer, image.byteOffset, image.byteLength);
}
