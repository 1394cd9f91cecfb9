/**
 * @file One hash over a bundle's records. The weights' header names it, and through it the images, licences, credits,
 * recipe, evaluation and log. It cannot name the bundle's own root: that root also covers the weights, and nothing can
 * contain a hash of itself. The signature provides the link back: it names the weights by their hash.
 */
import { compareCodePoints, sha256Hex } from './canonical-json.ts';
import type { FileDigest } from './model-signing.ts';

const DOMAIN = 'atelier-records-v1\n';

/** SHA-256 over a domain line and `sha256  name` lines sorted by name, as `sha256sum` writes them. */
export function recordsRootSha256(files: readonly FileDigest[]): string {
  const lines = [...files]
    .sort((a, b) => compareCodePoints(a.name, b.name))
    .map(({ name, sha256 }) => `${sha256}  ${name}\n`);
  return sha256Hex(DOMAIN + lines.join(''));
}
