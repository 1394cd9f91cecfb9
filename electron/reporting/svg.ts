/** @file SVG files for print: text, coordinates and the frame around a chart. Greys and words, no colour. */
import { escapeHtml } from './html.ts';

export const INK = '#1c1c1c';
export const QUIET = '#6b6b6b';
const FONT = 'Inter, Helvetica, Arial, sans-serif';

export interface TextStyle {
  anchor?: 'start' | 'middle' | 'end';
  size?: number;
  weight?: number;
  fill?: string;
}

export function svgText(x: number, y: number, content: string, style: TextStyle = {}): string {
  const { anchor = 'start', size = 12, weight = 400, fill = INK } = style;
  const bold = weight === 400 ? '' : ` font-weight="${weight}"`;
  return `<text x="${at(x)}" y="${at(y)}" text-anchor="${anchor}" font-size="${size}"${bold} fill="${fill}">${escapeHtml(content)}</text>`;
}

/** A whole file: white ground, the title at the top, and the shapes. */
export function svgFile(width: number, height: number, title: string, shapes: readonly string[]): string {
  const name = escapeHtml(title);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${FONT}" role="img" aria-label="${name}">`,
    `<title>${name}</title>`,
    '<rect width="100%" height="100%" fill="#ffffff"/>',
    svgText(16, 22, title, { size: 14, weight: 600 }),
    ...shapes,
    '</svg>',
    '',
  ].join('\n');
}

/** A coordinate, with one decimal at most. */
export function at(value: number): string {
  return value.toFixed(1).replace(/\.0$/, '');
}
