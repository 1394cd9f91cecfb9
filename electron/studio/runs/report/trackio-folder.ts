/**
 * @file The measurements of a run as a folder that logs itself to Trackio, by the calls with which a trainer logs. How Trackio
 * stores runs changes from version to version, so its files are left to it (docs/decisions/0015).
 */
import { join, resolve } from 'node:path';
import type { Recipe } from '../../../contract/model/recipe.ts';
import type { RunSummary } from '../../../contract/model/runs.ts';
import { writeAside } from '../../../formats/files.ts';
import { stableJson, stableJsonLines } from '../../../provenance/signing/canonical-json.ts';
import { makeOutputFolder, mustNotExist } from '../../output-folder.ts';
import { valuesOf, type NamedMetrics } from './named-metrics.ts';

/** Python. */
const PROGRAM = `"""Logs this run to Trackio: python log_to_trackio.py [PROJECT]

Needs trackio (tried with 0.43). TRACKIO_DIR names another folder than Trackio's own. It logs on this machine, unless
TRACKIO_SPACE_ID or TRACKIO_SERVER_URL says otherwise.
"""
import json
import pathlib
import sys

try:
    import trackio
except ImportError as error:
    sys.exit(f"{error}. This program needs: pip install trackio")

FOLDER = pathlib.Path(__file__).resolve().parent
run = json.loads((FOLDER / "run.json").read_text(encoding="utf-8"))
project = sys.argv[1] if len(sys.argv) > 1 else run["project"]
quiet = {"embed": False, "auto_log_gpu": False, "auto_log_cpu": False}
trackio.init(project=project, name=run["name"], config=run["config"], **quiet)
for line in (FOLDER / "steps.jsonl").read_text(encoding="utf-8").splitlines():
    step = json.loads(line)
    trackio.log(step["values"], step=step["step"])
trackio.finish()
`;

/** Groups runs in Trackio, unless the person names another. */
const PROJECT = 'atelier';

export interface TrackioRun {
  summary: Pick<RunSummary, 'id' | 'name' | 'modelName' | 'datasetName'>;
  recipe: Recipe;
  metrics: readonly NamedMetrics[];
}

/**
 * Writes the folder, which must not exist. The program comes last, so a folder that has it is whole.
 * @returns the program's path, and the bytes of all files
 */
export async function writeTrackioFolder(
  { summary, recipe, metrics }: TrackioRun,
  given: string,
): Promise<{ path: string; sizeBytes: number }> {
  const folder = resolve(given);
  await mustNotExist(folder, 'Writing the metrics of a run');
  const { id, name, modelName: model, datasetName: dataset } = summary;
  const files: [string, string][] = [
    ['run.json', stableJson({ project: PROJECT, name: `${name} (${id})`, config: { model, dataset, ...recipe } })],
    [
      'steps.jsonl',
      stableJsonLines(metrics.map((each) => ({ step: each.step, values: Object.fromEntries(valuesOf(each)) }))),
    ],
    ['log_to_trackio.py', PROGRAM],
  ];
  await makeOutputFolder(folder);
  for (const [file, text] of files) await writeAside(join(folder, file), (write) => write(Buffer.from(text)));
  const sizeBytes = files.reduce((sum, [, text]) => sum + Buffer.byteLength(text), 0);
  return { path: join(folder, 'log_to_trackio.py'), sizeBytes };
}
