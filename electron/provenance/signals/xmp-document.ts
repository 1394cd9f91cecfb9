/**
 * @file An XMP packet as named values. A name is a namespace and a local name, never a prefix: writers choose those
 * freely. Document types are refused, so there are no entities; size and number of elements are bounded.
 */
import { DOMParser, type Element } from '@xmldom/xmldom';

const RDF = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#';
const XML = 'http://www.w3.org/XML/1998/namespace';
export const MAX_XMP_BYTES = 4 * 1024 * 1024;
const MAX_TAGS = 50_000;
const MAX_DEPTH = 64;

export class UnreadableXmp extends Error {}

/** A property and its values: several for a list, `x-default` first for alternatives by language. */
export interface XmpProperty {
  namespace: string;
  name: string;
  values: string[];
  /** False if it describes something inside the image (a licensor, an ingredient) rather than the image itself. */
  top: boolean;
}

export interface XmpDocument {
  /** Values of a property of the image itself. */
  get(namespace: string, name: string): string[];
  /** Values of a property wherever it stands. */
  anywhere(namespace: string, name: string): string[];
}

/** Text of a packet: UTF-8, UTF-16 or UTF-32 by its first bytes; bytes that are not UTF-8 are read as Latin-1. */
export function decodeXmp(bytes: Uint8Array): string {
  if (bytes.length > MAX_XMP_BYTES) throw new UnreadableXmp(`it is larger than ${MAX_XMP_BYTES} bytes`);
  const [a, b, c, d] = bytes;
  if (a === 0 && b === 0 && (c === 0xfe || c === 0) && (d === 0xff || d === 0x3c)) return decodeUtf32(bytes, false);
  if ((a === 0xff && b === 0xfe && c === 0 && d === 0) || (a === 0x3c && b === 0 && c === 0 && d === 0))
    return decodeUtf32(bytes, true);
  if ((a === 0xfe && b === 0xff) || (a === 0 && b === 0x3c)) return new TextDecoder('utf-16be').decode(bytes);
  if ((a === 0xff && b === 0xfe) || (a === 0x3c && b === 0)) return new TextDecoder('utf-16le').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('latin1').decode(bytes);
  }
}

function decodeUtf32(bytes: Uint8Array, littleEndian: boolean): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: string[] = [];
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    const point = view.getUint32(at, littleEndian);
    if (point !== 0xfeff) parts.push(point <= 0x10ffff ? String.fromCodePoint(point) : '\uFFFD');
  }
  return parts.join('');
}

/** @throws UnreadableXmp saying why: a document type, too large, too deep, or no XML */
export function parseXmp(text: string): XmpDocument {
  if (/<!(DOCTYPE|ENTITY)/i.test(text)) throw new UnreadableXmp('it declares a document type, which XMP never needs');
  checkShape(text);
  const start = text.indexOf('<');
  const end = text.lastIndexOf('>');
  if (start === -1 || end < start) throw new UnreadableXmp('it is not XML');
  // The wrapper is not part of the document, and a second one after it would end the parsing.
  const body = text
    .slice(start, end + 1)
    .replaceAll(/<\?xpacket[^>]*\?>/g, '')
    .replace(/^\s*<\?xml[^>]*\?>/, '');
  const properties: XmpProperty[] = [];
  try {
    const document = new DOMParser({ onError: () => undefined }).parseFromString(body.trim(), 'text/xml');
    if (document.documentElement === null) throw new UnreadableXmp('it is empty');
    for (const rdf of Array.from(document.getElementsByTagNameNS(RDF, 'RDF'))) {
      for (const node of elementsOf(rdf)) collect(node, true, properties);
    }
  } catch (error) {
    if (error instanceof UnreadableXmp) throw error;
    throw new UnreadableXmp(
      `it is not well-formed XML (${(error as Error).message.split('\n')[0]?.slice(0, 120) ?? ''})`,
    );
  }
  const find = (namespace: string, name: string, top: boolean): string[] =>
    properties
      .filter((property) => property.namespace === namespace && property.name === name && (property.top || !top))
      .flatMap((property) => property.values);
  return {
    get: (namespace, name) => find(namespace, name, true),
    anywhere: (namespace, name) => find(namespace, name, false),
  };
}

/** Checked before parsing: a tree of a million elements costs far more than its text. */
function checkShape(text: string): void {
  let tags = 0;
  let depth = 0;
  for (let at = text.indexOf('<'); at !== -1; at = text.indexOf('<', at + 1)) {
    const next = text.charCodeAt(at + 1);
    if (next === 0x3f || next === 0x21) continue;
    tags += 1;
    if (next === 0x2f) depth -= 1;
    else {
      const close = text.indexOf('>', at);
      if (close !== -1 && text.charCodeAt(close - 1) !== 0x2f) depth += 1;
    }
    if (tags > MAX_TAGS) throw new UnreadableXmp(`it has more than ${MAX_TAGS} tags`);
    if (depth > MAX_DEPTH) throw new UnreadableXmp(`its elements are nested more than ${MAX_DEPTH} deep`);
  }
}

/** Reads a node element (`rdf:Description` or a typed one): its attributes and its property elements. */
function collect(node: Element, top: boolean, into: XmpProperty[]): void {
  for (const attribute of Array.from(node.attributes)) {
    const { namespaceURI, localName, value } = attribute;
    if (namespaceURI === null || namespaceURI === RDF || namespaceURI === XML || attribute.prefix === 'xmlns') continue;
    into.push({ namespace: namespaceURI, name: localName ?? '', values: [value.trim()], top });
  }
  for (const property of elementsOf(node)) {
    const { namespaceURI, localName } = property;
    if (namespaceURI === null) continue;
    if (namespaceURI !== RDF)
      into.push({ namespace: namespaceURI, name: localName ?? '', values: valuesOf(property), top });
    // Whatever is inside (fields of a structure, list items) describes a part of the image.
    collectInside(property, into);
  }
}

function collectInside(property: Element, into: XmpProperty[]): void {
  for (const inner of elementsOf(property)) {
    if (inner.namespaceURI === RDF) {
      collect(inner, false, into);
    } else {
      into.push({
        namespace: inner.namespaceURI ?? '',
        name: inner.localName ?? '',
        values: valuesOf(inner),
        top: false,
      });
      collectInside(inner, into);
    }
  }
  for (const attribute of Array.from(property.attributes)) {
    const { namespaceURI, localName, value } = attribute;
    if (namespaceURI === null || namespaceURI === RDF || namespaceURI === XML || attribute.prefix === 'xmlns') continue;
    into.push({ namespace: namespaceURI, name: localName ?? '', values: [value.trim()], top: false });
  }
}

/** The value of a property element in each of the forms that RDF allows. */
function valuesOf(property: Element): string[] {
  const resource = property.getAttributeNS(RDF, 'resource');
  if (resource !== null && resource !== '') return [resource.trim()];
  const plain = property.getAttributeNS(RDF, 'value');
  if (plain !== null && plain !== '') return [plain.trim()];
  const children = elementsOf(property);
  if (children.length === 0) return nonEmpty(property.textContent ?? '');
  return children.flatMap((child) => {
    if (child.namespaceURI !== RDF) return [];
    if (child.localName === 'Seq' || child.localName === 'Bag' || child.localName === 'Alt') return itemsOf(child);
    if (child.localName === 'value' || child.localName === 'Description') return valuesOf(child);
    return [];
  });
}

function itemsOf(list: Element): string[] {
  const items = elementsOf(list).filter((item) => item.namespaceURI === RDF && item.localName === 'li');
  const byDefault = (item: Element): number => (item.getAttributeNS(XML, 'lang') === 'x-default' ? 0 : 1);
  const ordered = list.localName === 'Alt' ? [...items].sort((x, y) => byDefault(x) - byDefault(y)) : items;
  return ordered.flatMap(valuesOf);
}

function elementsOf(parent: Element): Element[] {
  const found: Element[] = [];
  for (let child = parent.firstChild; child !== null; child = child.nextSibling) {
    if (child.nodeType === 1) found.push(child as Element);
  }
  return found;
}

function nonEmpty(text: string): string[] {
  const trimmed = text.trim();
  return trimmed === '' ? [] : [trimmed];
}
