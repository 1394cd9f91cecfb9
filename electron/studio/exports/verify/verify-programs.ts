/**
 * @file Names files that could run a program when somebody loads the folder. An export of Atelier has none but those in `use/`,
 * which follow from its records to the byte.
 */
import { sha256Hex } from '../../../provenance/signing/canonical-json.ts';
import { USE_FILE } from '../../../reporting/use-commands.ts';
import type { FileDigest } from '../../../provenance/signing/model-signing.ts';
import { cannotTell } from './verify-checks.ts';
import type { Check } from './verify-checks.ts';

/** Python and its compiled forms, native code, scripts. */
const PROGRAM =
  /\.(?:py[cdowz]?|ipynb|so(?:\.\d+)*|dll|dylib|exe|com|msi|jar|class|wasm|sh|bash|bat|cmd|ps1|vbs|m?js|cjs|node)$/i;
/** Weights that are Python pickles, or may contain one. */
const PICKLE = /\.(?:bin|pkl|pickle|pth?|ckpt|joblib|dill|npy|npz|h5|hdf5|keras|model)$/i;

const NAMES_SHOWN = 10;

/** The programs of an export by their names. */
const USE_FILES: readonly string[] = Object.values(USE_FILE);

/**
 * Nothing, or a check that names them: whoever signed them may have added them.
 * @param written the documents as they follow from the bundle's records, by name: programs that are the same are Atelier's own;
 *   null if the records cannot all be read, so that nothing can be said about programs in `use/`
 */
export function checkPrograms(files: readonly FileDigest[], written: ReadonlyMap<string, string> | null): Check[] {
  if (written === null) {
    const unjudged = files.filter(({ name }) => USE_FILES.includes(name) && PROGRAM.test(name));
    const others = files.filter((file) => !unjudged.includes(file));
    if (unjudged.length === 0) return checkPrograms(others, new Map());
    const names = unjudged.map(({ name }) => name).join(' and ');
    const detail = `The records from which ${names} must follow cannot all be read, so it cannot be told whether Atelier wrote it. Do not run it before that is mended.`;
    return [...checkPrograms(others, new Map()), cannotTell('programs', detail)];
  }
  const isOwn = ({ name, sha256 }: FileDigest): boolean => {
    const text = written.get(name);
    return text !== undefined && sha256Hex(text) === sha256;
  };
  const names = files.filter((file) => !isOwn(file)).map(({ name }) => name);
  const programs = names.filter((name) => PROGRAM.test(name));
  const pickles = names.filter((name) => PICKLE.test(name));
  if (programs.length + pickles.length === 0) return [];
  const found = [
    ...(programs.length === 0 ? [] : [`programs (${list(programs)})`]),
    ...(pickles.length === 0 ? [] : [`files that may be Python pickles (${list(pickles)})`]),
  ].join(' and ');
  return [
    cannotTell(
      'programs',
      `The folder holds ${found}, which are not what an export of Atelier contains. Loading them can run whatever their maker put in. Load only the .safetensors files.`,
    ),
  ];
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_SHOWN).map((name) => JSON.stringify(name));
  return shown.join(', ') + (names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : '');
}
