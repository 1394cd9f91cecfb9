/** @file What a saved web page says about the images on it, in its `meta` elements. */
import type { Signal } from '../../contract/model/signals.ts';
import { readContentUsage, readRobots, reservation } from './web-signals.ts';

/** A longer page is read up to here; what we look for stands in its head. */
export const MAX_PAGE_BYTES = 4 * 1024 * 1024;
const MAX_METAS = 1000;

/** `robots` with `noai`, `tdm-reservation`, and the same headers as `http-equiv`. */
export function readPage(html: string, file: string): Signal[] {
  const signals: Signal[] = [];
  const text = html.slice(0, MAX_PAGE_BYTES).replaceAll(/<!--[\s\S]*?-->/g, '');
  let count = 0;
  for (const [element] of text.matchAll(/<meta\s[^>]{1,4000}>/gi)) {
    count += 1;
    if (count > MAX_METAS) break;
    const name = (attribute(element, 'name') ?? attribute(element, 'http-equiv') ?? '').trim().toLowerCase();
    const content = attribute(element, 'content');
    if (content === null) continue;
    const locator = `${file}, meta ${name}`;
    if (/^(?:robots|x-robots-tag|.*bot)$/.test(name)) signals.push(...readRobots(content, locator));
    else if (name === 'tdm-reservation') signals.push(reservation(content.trim(), locator, element));
    else if (name === 'content-usage') signals.push(...readContentUsage(content, locator));
  }
  return signals;
}

/** Whether a page shows an image: its text holds the file's name, as it is or percent-encoded. */
export function pageShows(html: string, imageName: string): boolean {
  return (
    html.includes(imageName) || html.includes(encodeURIComponent(imageName)) || html.includes(encodeURI(imageName))
  );
}

function attribute(element: string, name: string): string | null {
  const match = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s"'>]+))`, 'i').exec(element);
  return match === null ? null : (match[1] ?? match[2] ?? match[3] ?? '');
}
