/** @file The address of a hub, checked. */
import { AtelierError } from '../../../contract/errors/errors.ts';
import { DEFAULT_HUB } from '../../../method/defaults.ts';

/**
 * The address of a hub. A connection in the clear is taken only to this machine.
 * @throws AtelierError BAD_INPUT
 */
export function endpointOf(text: string): URL {
  const bad = (why: string): AtelierError =>
    new AtelierError('BAD_INPUT', `The address of the hub, ${JSON.stringify(text.slice(0, 200))}, ${why}.`, {
      place: { field: 'hubEndpoint' },
      remedy: `Write it like ${DEFAULT_HUB} in the settings or in HF_ENDPOINT, or leave both empty.`,
    });
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    throw bad('is no address');
  }
  if (url.username !== '' || url.password !== '') throw bad('contains a password; a token belongs in HF_TOKEN');
  if (url.search !== '' || url.hash !== '') throw bad('has more than a path');
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))) return url;
  throw bad('does not begin with https');
}

/** Whether a host is this machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
