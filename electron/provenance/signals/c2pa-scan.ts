/** @file A quick check whether an image carries a Content Credential: most do not, and the full reader is slow. */

/** Type of the JUMBF box that holds all manifests: `c2pa` and the fixed remainder of its UUID. */
const STORE_TYPE = Buffer.from('6332706100110010800000aa00389b71', 'hex');
const JUMBF = Buffer.from('jumb', 'latin1');
const C2PA = Buffer.from('c2pa', 'latin1');
const TRAINING = /(?:c2pa|cawg)\.training-mining/;

/** `sure`: a manifest store begins in these bytes. `maybe`: its names occur in them. `none`: no trace. */
export function scanForManifest(image: Uint8Array): 'sure' | 'maybe' | 'none' {
  const bytes = view(image);
  if (bytes.includes(STORE_TYPE)) return 'sure';
  return bytes.includes(JUMBF) && bytes.includes(C2PA) ? 'maybe' : 'none';
}

/** For a manifest that cannot be read: the training assertion in its bytes that says "not allowed", or null. */
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
