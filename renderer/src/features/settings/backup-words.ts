/** @file The words around a backup: the name that its file gets, and a path as a terminal takes it. Pure. */

/** `atelier-2026-11-29.zip`, by the local date. */
export function suggestedName(now: Date): string {
  const two = (part: number): string => String(part).padStart(2, '0');
  return `atelier-${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}.zip`;
}

/** A path as one word of a command line: quoted if a shell would take it apart. */
export function inShell(path: string): string {
  if (/^[\w@%+=:,./-]+$/.test(path)) return path;
  // Windows has no single quotes; its paths contain no double ones.
  return /^[A-Za-z]:\\|^\\\\/.test(path) ? `"${path}"` : `'${path.replaceAll("'", `'\\''`)}'`;
}
