/**
 * @file A Content Credential beside its image (`photo.jpg.c2pa`). The engine reads such a file alone, so it cannot
 * compare it with the image and always reports a mismatch. We compare instead: the claim covers the SHA-256 of the whole
 * image file, so the sidecar must contain that hash. This does not verify the signer, so a sidecar's permission never
 * counts; its prohibition always does.
 */
import { createHash } from 'node:crypto';
import type { Signal } from '../../contract/model/signals.ts';
import type { C2paReader } from './c2pa-reader.ts';
import { brokenManifest, readC2paReport } from './c2pa-signals.ts';

export const MAX_SIDECAR_BYTES = 16 * 1024 * 1024;
const MEDIA_TYPE = 'application/c2pa';

/** @param image the image's own bytes; null if it is too large to be read */
export async function readC2paSidecar(
  sidecar: { name: string; bytes: Uint8Array },
  image: Uint8Array | null,
  c2pa: C2paReader,
): Promise<Signal[]> {
  const { name, bytes } = sidecar;
  if (bytes.length > MAX_SIDECAR_BYTES) return beside(name, brokenManifest('the file is too large', bytes));
  const result = await c2pa.read(bytes, MEDIA_TYPE);
  if (result.kind === 'none') return beside(name, brokenManifest('it holds no manifest', bytes));
  if (result.kind === 'broken') return beside(name, brokenManifest(result.why, bytes));
  const about = image !== null && Buffer.from(bytes).includes(createHash('sha256').update(image).digest());
  const words = about
    ? 'made for this very file; signer not verified'
    : 'made for another file, or for another state of it';
  return beside(name, readC2paReport(result.json, bytes)).map((signal) =>
    signal.kind === 'c2pa-integrity' && signal.locator.includes('C2PA ingredient')
      ? signal
      : {
          ...signal,
          trust: about ? 'valid' : 'invalid',
          statement: signal.statement.replace(/\([^()]*\)\.$/, `(${words}).`),
        },
  );
}

function beside(name: string, signals: readonly Signal[]): Signal[] {
  return signals.map((signal) => ({ ...signal, locator: `${name}, ${signal.locator}` }));
}
