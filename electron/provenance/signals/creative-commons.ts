/** @file Addresses of Creative Commons licences and marks as SPDX ids. */

const LICENCE =
  /^https?:\/\/(?:www\.)?creativecommons\.org\/licenses\/(by(?:-nc)?(?:-nd|-sa)?)\/(\d\.\d)(?:\/[a-z-]*)?\/?(?:(?:deed|legalcode)(?:\.[\w-]+)?)?(?:[?#].*)?$/i;
const ZERO = /^https?:\/\/(?:www\.)?creativecommons\.org\/publicdomain\/zero\/1\.0(?:\/.*)?$/i;
const MARK = /^https?:\/\/(?:www\.)?creativecommons\.org\/publicdomain\/mark\/1\.0(?:\/.*)?$/i;

/** The SPDX id of a licence address, or null if it is not one. Ports to single countries count as the licence itself. */
export function spdxOfCreativeCommons(address: string): string | null {
  const url = address.trim();
  if (url.length > 300) return null;
  if (ZERO.test(url)) return 'CC0-1.0';
  if (MARK.test(url)) return 'CC-PDM-1.0';
  const match = LICENCE.exec(url);
  return match === null ? null : `CC-${(match[1] ?? '').toUpperCase()}-${match[2] ?? ''}`;
}
