declare module 'spdx-expression-parse' {
  /** Parses an SPDX expression; throws on anything that is not one. */
  export default function parse(expression: string): unknown;
}
