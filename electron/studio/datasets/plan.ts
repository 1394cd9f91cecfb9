/** @file What an import would bring: usable samples, every problem with its row, and a report. Writes no table. */
import { basename } from 'node:path';
import type { ImportReport, ImportRequest, RowProblem } from '../../contract/datasets.ts';
import type { Progress, Split } from '../../contract/primitives.ts';
import { readTable, type TableRow } from '../../formats/tables.ts';
import type { Blob, BlobStore } from '../../store/blobs.ts';
import { createC2paReader, type C2paReader } from '../../provenance/signals/c2pa-reader.ts';
import type { ImageStatement } from '../../provenance/signals/read-image.ts';
import type { ImageRecord, NewSample } from '../../store/datasets.ts';
import type { EvidenceFile, ImageSignals } from '../../store/signal-rows.ts';
import { detectColumns } from './columns.ts';
import { resolveImage } from './image-files.ts';
import { mapBounded } from './bounded.ts';
import { takeImages, throwIfCancelled, type TakenImage } from './intake.ts';
import { locateTable } from './locate-table.ts';
import { secondsLeftFrom } from './pace.ts';
import { fillRights, gatherStatements, toImageSignals } from './rights.ts';
import { readRow, type RowValues } from './row-values.ts';
import { countSignals, signalWarnings } from './signal-warnings.ts';
import { assignSplits } from './split.ts';
import { collectWarnings } from './warnings.ts';

const PREVIEW_ROWS = 8;
const LOOKUPS_AT_ONCE = 8;

export type ImportPlan = {
  report: ImportReport;
  /** Problems of the whole table, which leaving rows out cannot mend. */
  blocking: RowProblem[];
  samples: NewSample[];
  images: ImageRecord[];
  /** What the images say about their use; those that say nothing are not in it. */
  signals: ImageSignals[];
  evidence: EvidenceFile[];
};

export type PlanOptions = {
  /** Given for a real import: images are stored while they are checked. */
  blobs?: BlobStore;
  created?: Blob[];
  onProgress?: ((progress: Progress) => void) | undefined;
  signal?: AbortSignal | undefined;
};

type Candidate = { index: number; row: TableRow; values: RowValues; path: string };
export type UsableRow = Candidate & { image: TakenImage & { ok: true } };

export async function planImport(request: ImportRequest, options: PlanOptions = {}): Promise<ImportPlan> {
  const c2pa = createC2paReader();
  try {
    return await plan(request, options, c2pa);
  } finally {
    await c2pa.close();
  }
}

async function plan(request: ImportRequest, options: PlanOptions, c2pa: C2paReader): Promise<ImportPlan> {
  const { onProgress, signal } = options;
  onProgress?.({ phase: 'Reading the table', done: 0 });
  const located = await locateTable(request.path);
  const table = await readTable(located.table);
  const mapping = detectColumns(table.columns, request.mapping ?? {}, located.table);
  throwIfCancelled(signal);

  const problems = new ProblemList();
  const missing = new Set<string>();
  const readable = table.rows.flatMap((row, index) => {
    const result = readRow(row, mapping, { task: request.task });
    if ('values' in result) return [{ index, row, values: result.values }];
    for (const fault of result.faults) problems.add(row, null, fault.field, fault.reason);
    return [];
  });
  const places = await mapBounded(readable, LOOKUPS_AT_ONCE, ({ values }) =>
    resolveImage(located.folder, values.image),
  );
  const candidates = readable.flatMap((item, at): Candidate[] => {
    const place = places[at];
    if (place?.kind === 'found') return [{ ...item, path: place.path }];
    if (place?.kind === 'missing') missing.add(item.values.image);
    problems.add(item.row, item.values.image, mapping.image, place?.reason ?? '');
    return [];
  });

  const paths = [...new Set(candidates.map((candidate) => candidate.path))];
  const startedMs = Date.now();
  const taken = await takeImages(paths, {
    blobs: options.blobs,
    created: options.created ?? [],
    c2pa,
    signal,
    onDone: (done) =>
      onProgress?.({
        phase: 'Checking images',
        done,
        total: paths.length,
        ...secondsLeftFrom(startedMs, done, paths.length),
      }),
  });
  throwIfCancelled(signal);

  const decoded = candidates.flatMap((candidate): UsableRow[] => {
    const image = taken.get(candidate.path);
    if (image?.ok === true) return [{ ...candidate, image }];
    problems.add(candidate.row, candidate.values.image, mapping.image, image?.reason ?? '');
    return [];
  });
  const { rows: distinct, duplicates } = dropRepeats(decoded, mapping.image, mapping.split ?? 'split', problems);
  const splits = assignSplits(
    distinct.map((row) => ({ imageSha256: row.image.record.sha256, given: row.values.split })),
    request.testShare,
    request.seed,
  );
  const said = await gatherStatements(distinct, located.folder);
  const samples = distinct.map((row, at) =>
    toSample(row, splits[at] ?? 'train', said.byImage.get(row.image.record.sha256)),
  );
  const signals = toImageSignals(said.byImage);
  const optedOut = new Set(signals.filter((image) => image.verdict === 'opted-out').map((image) => image.imageSha256));
  const blocking = tableProblems(samples, mapping.answer);
  return {
    blocking,
    samples,
    images: distinctImages(distinct),
    signals,
    evidence: said.evidence,
    report: {
      table: located.table,
      mapping,
      rowsRead: table.rows.length,
      rowsUsable: samples.length,
      problems: [...blocking, ...problems.sorted()],
      warnings: [
        ...located.warnings,
        ...collectWarnings(distinct, samples),
        ...signalWarnings(distinct, samples, said.byImage),
      ],
      imagesFound: paths.length,
      imagesMissing: missing.size,
      duplicates,
      licences: countLicences(samples),
      preview: samples
        .slice(0, PREVIEW_ROWS)
        .map(({ imageName, prompt, answer, split }) => ({ imageName, prompt, answer, split, path: '' })),
      problemsTotal: problems.length + blocking.length,
      format: 'jsonl',
      columns: [...table.columns],
      resolved: [],
      nearDuplicates: 0,
      leakage: { same: 0, near: 0 },
      optedOut: samples.filter((sample) => optedOut.has(sample.imageSha256)).length,
      signals: countSignals(said.byImage.values()),
    },
  };
}

class ProblemList {
  readonly #problems: RowProblem[] = [];

  add(row: TableRow, file: string | null, field: string | null, reason: string): void {
    this.#problems.push({ row: row.line, file, field, reason });
  }

  get length(): number {
    return this.#problems.length;
  }

  sorted(): RowProblem[] {
    return this.#problems.sort((a, b) => (a.row ?? 0) - (b.row ?? 0));
  }
}

/** Leaves out rows that repeat an earlier one, and rows that would put one image into both splits. */
function dropRepeats(
  rows: readonly UsableRow[],
  imageColumn: string,
  splitColumn: string,
  problems: ProblemList,
): { rows: UsableRow[]; duplicates: number } {
  const seen = new Map<string, UsableRow>();
  const splitOf = new Map<string, { split: Split; line: number }>();
  const kept: UsableRow[] = [];
  let duplicates = 0;
  for (const row of rows) {
    const { sha256 } = row.image.record;
    const key = `${sha256} ${row.values.prompt}`;
    const first = seen.get(key);
    if (first !== undefined) {
      duplicates += 1;
      const answers =
        first.values.answer === row.values.answer
          ? ''
          : `, yet with another answer ("${row.values.answer}" instead of "${first.values.answer}")`;
      problems.add(
        row.row,
        row.values.image,
        imageColumn,
        `The same image with the same question as in row ${first.row.line}${answers}.`,
      );
      continue;
    }
    const other = splitOf.get(sha256);
    if (row.values.split !== null && other !== undefined && other.split !== row.values.split) {
      problems.add(
        row.row,
        row.values.image,
        splitColumn,
        `The same image is in the split "${other.split}" in row ${other.line}; an image that is trained on cannot test.`,
      );
      continue;
    }
    if (row.values.split !== null && other === undefined)
      splitOf.set(sha256, { split: row.values.split, line: row.row.line });
    seen.set(key, row);
    kept.push(row);
  }
  return { rows: kept, duplicates };
}

function toSample(row: UsableRow, split: Split, said: ImageStatement | undefined): NewSample {
  const { values, image, index } = row;
  const { prompt, answer, task, extra } = values;
  const { licence, licenceSource, authors, authorsSource } = fillRights(row, said);
  const imageName = basename(row.path);
  const itself = { title: imageName, author: authors.length === 0 ? null : authors.join('; '), licence, url: null };
  return {
    position: index,
    imageSha256: image.record.sha256,
    imageName,
    task,
    prompt,
    answer,
    split,
    licence,
    authors,
    sources: values.sources ?? [itself],
    extra,
    licenceSource,
    authorsSource,
  };
}

function tableProblems(samples: readonly NewSample[], answerColumn: string): RowProblem[] {
  if (samples.length < 2) {
    const count = samples.length === 0 ? 'No row' : 'Only one row';
    return [
      {
        row: null,
        file: null,
        field: null,
        reason: `${count} of the table can be used; a dataset needs at least two.`,
      },
    ];
  }
  const answers = new Set(samples.map((sample) => sample.answer));
  if (answers.size > 1) return [];
  return [
    {
      row: null,
      file: null,
      field: answerColumn,
      reason: `Every usable row has the same answer ("${samples[0]?.answer ?? ''}"): there is only one class, so nothing can be learned.`,
    },
  ];
}

function distinctImages(rows: readonly UsableRow[]): ImageRecord[] {
  return [...new Map(rows.map((row) => [row.image.record.sha256, row.image.record])).values()];
}

function countLicences(samples: readonly NewSample[]): ImportReport['licences'] {
  const counts = new Map<string | null, number>();
  for (const { licence } of samples) counts.set(licence, (counts.get(licence) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([licence, count]) => ({ licence, samples: count }));
}
