/**
 * @file `npm run bench:report`: docs/performance.md and its charts from docs/performance.json. Everything on the page is
 * computed from the results; if something was not measured, the page says so.
 */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { performanceCharts } from './report-charts.ts';
import {
  comparisonFigures,
  decodeBound,
  measuredPeak,
  operations,
  phaseShares,
  readingRate,
  type ComparisonFigures,
} from './figures.ts';
import { firstTokenProducts, flopsOf } from './flops.ts';
import { gib, goalTable } from './goals.ts';
import { fitPower } from './least-squares.ts';
import { figure, percent, signedPercent } from '../../reporting/figures.ts';
import { table as markdown } from '../../reporting/markdown.ts';
import { CHARTS, EARLIER, PUBLISHED_PAGE, PUBLISHED_RESULTS } from './places.ts';
import { oneRowSection } from './report-one-row.ts';
import {
  growthAlong,
  partOf,
  photoPoints,
  readResults,
  type LoadingResult,
  type Part,
  type PhotoPoint,
  type Results,
} from './results.ts';
import {
  GROWTH_AXES,
  LARGE_PHOTO,
  PHOTO_MODEL,
  WORKLOAD_NAMES,
  WORKLOADS,
  type GrowthAxis,
  type Workload,
} from './works.ts';

/** Writes the page and its charts. @returns the page's path */
export async function writePage(results: Results): Promise<string> {
  await mkdir(CHARTS, { recursive: true });
  const charts = performanceCharts(results);
  for (const [name, svg] of Object.entries(charts)) await writeFile(join(CHARTS, `${name}.svg`), svg);
  await writeFile(PUBLISHED_PAGE, performancePage(results, new Set(Object.keys(charts)), await earlierResults()));
  return PUBLISHED_PAGE;
}

/** A table followed by an empty line. */
function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return `${markdown(header, rows)}\n`;
}

/** The newest first. */
async function earlierResults(): Promise<Results[]> {
  const names = (await readdir(EARLIER).catch(() => [])).filter((name) => name.endsWith('.json'));
  const found = await Promise.all(names.map((name) => readResults(join(EARLIER, name))));
  return found.filter((each) => each !== null).sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
}

/** What else the machine did meanwhile. */
function conditions({ loadBefore, realtime }: Part): string {
  return realtime ? 'at realtime priority' : `load ${loadBefore.toFixed(1)}`;
}

/** Parts measured on a later day, with different code and machine state. */
function laterParts({ startedAt, parts }: Results): string[] {
  const day = startedAt.slice(0, 10);
  const later = Object.entries(parts).filter(
    ([, part]) => part.result !== undefined && part.finishedAt.slice(0, 10) > day,
  );
  if (later.length === 0) return [];
  const list = later.map(([id, part]) => `\`${id}\` (${part.finishedAt.slice(0, 10)}, ${conditions(part)})`);
  return [`Measured later, with the code of that day: ${list.join(', ')}.`, ''];
}

/**
 * The page as Markdown.
 * @param charts names of the available charts
 * @param earlier results from other days and machines, whose goals are shown next to these
 */
export function performancePage(
  results: Results,
  charts: ReadonlySet<string>,
  earlier: readonly Results[] = [],
): string {
  const picture = (name: string, alt: string): string[] =>
    charts.has(name) ? [`![${alt}](performance/${name}.svg)`, ''] : [];
  return [
    '# Performance',
    '',
    `Measured on ${results.startedAt.slice(0, 10)} by \`${results.command}\`; the figures are in [performance.json](performance.json), and`,
    '`npm run bench:report` writes this page from them. The two sides take turns (A B A B), each in a process of its own, and the best turn',
    'counts; medians are in the tables. Compare ratios within this page, not seconds between machines.',
    '',
    ...laterParts(results),
    ...machineSection(results),
    '## Goals',
    '',
    table(
      ['Goal', 'Measured', 'Met'],
      goalTable(results).map(({ goal, measured, met }) => [
        goal,
        measured,
        met === null ? '–' : met ? 'yes' : '**no**',
      ]),
    ),
    ...earlierSection(results, earlier),
    '## Workloads',
    '',
    ...worksSection(),
    '## Compared with the Python stack',
    '',
    ...WORKLOAD_NAMES.flatMap((work) =>
      picture(`step-${work}`, `Seconds of one whole GRPO step at ${work} on both sides`),
    ),
    ...comparisonSection(results),
    '## Phases and the machine’s peak',
    '',
    ...picture('shares', 'Share of the measured peak by phase'),
    ...sharesSection(results),
    '## Memory',
    '',
    ...picture('resident', 'Resident memory while steps go on'),
    ...memorySection(results),
    ...photosSection(results),
    ...oneRowSection(results),
    ...largeModelSection(results),
    '## Growth',
    '',
    ...picture('growth', 'Step time against group size, completion length, image side, layers and width'),
    ...growthSection(results),
    ...endingsSection(results),
    '## Start',
    '',
    ...startSection(results),
    '## Where the time goes, by op',
    '',
    ...profileSection(results),
    ...missingSection(results),
    ...methodSection(results),
  ].join('\n');
}

/** The same goals in earlier results, to show how much of a ratio is due to the machine. */
function earlierSection(results: Results, earlier: readonly Results[]): string[] {
  if (earlier.length === 0) return [];
  const all = [results, ...earlier];
  const peaks = all.map((each) => {
    const peak = measuredPeak(each);
    return peak === null ? '–' : `${peak.F32.toFixed(0)} / ${peak.BF16.toFixed(0)}`;
  });
  const goals = all.map(goalTable);
  return [
    '## On other days and machines',
    '',
    'Earlier results are in [performance/earlier](performance/earlier), each measured with the code of its day. The first column is this page. A ratio belongs to its machine,',
    'so compare it with the rate of that machine’s matrix products. Shares of the peak count the products that are counted as needed today.',
    '',
    table(
      ['', 'Now', ...earlier.map(({ startedAt }) => startedAt.slice(0, 10))],
      [
        ['Matrix products at best, GFLOP/s (float32 / bfloat16)', ...peaks],
        ...(goals[0] ?? []).map(({ goal }, row) => [goal, ...goals.map((each) => each[row]?.measured ?? '–')]),
      ],
    ),
  ];
}

function machineSection(results: Results): string[] {
  const { machine, engine, peers } = results;
  const peak = measuredPeak(results);
  const rows = [
    ['Processor', `${machine.cpu}, ${String(machine.cores)} cores in use`],
    ['Memory', gib(machine.memoryBytes)],
    ['System', `${machine.system}, Node ${machine.node}`],
    [
      'Engine',
      engine === null
        ? 'unknown'
        : `${engine.backend} ${engine.version} on ${engine.device}, ${String(engine.threads)} threads`,
    ],
    [
      'Python stack',
      peers === null
        ? 'not measured'
        : Object.entries(peers)
            .map((pair) => pair.join(' '))
            .join(', '),
    ],
    [
      'Matrix products at best',
      peak === null
        ? 'not measured'
        : `float32 ${peak.F32.toFixed(0)} GFLOP/s, bfloat16 ${peak.BF16.toFixed(0)} GFLOP/s`,
    ],
    ['Load before', `${figure(machine.loadBefore)} processes, averaged over the last minute`],
  ];
  return ['## Machine', '', table(['', ''], rows)];
}

function worksSection(): string[] {
  const rows = Object.values(WORKLOADS).map((work: Workload) => {
    const { text, vision } = work.model;
    return [
      `\`${work.name}\``,
      `${String(text.numLayers)} layers of ${String(text.hiddenSize)}, vocabulary ${text.vocabSize.toLocaleString('en')}; ` +
        `${String(vision.depth)} vision blocks of ${String(vision.embedDim)}; ${work.model.dtype === 'F32' ? 'float32' : 'bfloat16'}`,
      `${String(work.prompts)} ${work.prompts === 1 ? 'prompt' : 'prompts'} × ${String(work.groupSize)} rollouts`,
      `image ${String(work.imageSide)} × ${String(work.imageSide)}, prompt ${String(work.promptTokens)}, completion ${String(work.completionTokens)} tokens`,
    ];
  });
  return [
    'The models have random weights of these shapes. Temperature 1, KL weight 0.04, one update per step, LoRA of rank 16 on all seven linear',
    'layers of the language model, vision tower frozen. Lengths are exact on both sides, because the end token is never drawn.',
    '',
    table(['Workload', 'Model', 'Step', 'Lengths'], rows),
  ];
}

function comparisons(results: Results): { id: string; figures: ComparisonFigures }[] {
  return Object.entries(results.parts).flatMap(([id, { result }]) =>
    result?.kind === 'comparison' ? [{ id, figures: comparisonFigures(result) }] : [],
  );
}

const PEER_NAMES: Record<string, Record<string, string>> = {
  grpo: { trl: 'TRL GRPOTrainer, whole step', hf: 'Hugging Face generate, rollouts' },
  sft: { torch: 'plain torch with PEFT, supervised step', trl: 'TRL SFTTrainer, supervised step' },
};

function comparisonSection(results: Results): string[] {
  const rows = comparisons(results).flatMap(({ id, figures }) =>
    figures.peers.map((peer) => {
      const own = peer.name === 'hf' ? figures.rollout : figures.step;
      return [
        `\`${id}\``,
        PEER_NAMES[figures.comparison.method]?.[peer.name] ?? peer.name,
        `${figure(own.best)} / ${figure(own.median)}`,
        `${figure(peer.seconds.best)} / ${figure(peer.seconds.median)}`,
        `**${(peer.seconds.best / own.best).toFixed(2)} ×**`,
        String(own.count),
        `${peer.attention}${Object.entries(peer.tried)
          .map(([name, seconds]) => ` (${name}: ${figure(seconds)})`)
          .join('')}`,
      ];
    }),
  );
  if (rows.length === 0) return ['Not measured.', ''];
  const operationRows = comparisons(results)
    .filter(({ figures }) => figures.comparison.method === 'grpo')
    .map(({ id, figures }) => {
      const { shared, repeated } = operations(figures.comparison);
      return [`\`${id}\``, figure(shared), figure(repeated), `${(repeated / shared).toFixed(1)} ×`];
    });
  return [
    'Seconds, best / median. Our steps see every image for the first time, as the peers do at every step. With features kept from an earlier',
    'epoch our steps are shorter (next table).',
    '',
    table(['Part', 'Peer', 'Atelier', 'Peer', 'Ratio of best', 'Turns', 'Peer’s attention (other: s)'], rows),
    ...stepSection(results),
    'Atelier computes a prompt and its image once per group; the peers compute them once per rollout, in each of three passes. In operations',
    '(matrix products only, GFLOP):',
    '',
    table(['Part', 'Shared', 'A copy per rollout', 'Ratio'], operationRows),
    'The peers run with the best settings found: the faster of two attention implementations, float32 or pure bfloat16 weights (faster on this',
    'CPU than autocast), no activation recomputation, and a contiguous input for the output layer, without which torch copies the whole',
    'vocabulary matrix for every sequence of a batch.',
    '',
  ];
}

function stepSection(results: Results): string[] {
  const rows = comparisons(results).map(({ id, figures }) => [
    `\`${id}\``,
    figure(figures.step.best),
    figure(figures.cachedStep.best),
    figures.comparison.method === 'grpo' ? figures.rolloutTokensPerSecond.toFixed(0) : '–',
    figures.trainingTokensPerSecond.toFixed(0),
    gib(figures.comparison.ours.peakResidentBytes),
  ]);
  return [
    table(
      ['Part', 'New images, s', 'Known images, s', 'Rollout tokens/s', 'Training tokens/s', 'Peak resident memory'],
      rows,
    ),
  ];
}

function sharesSection(results: Results): string[] {
  const rows = comparisons(results).flatMap(({ id, figures }) =>
    phaseShares(results, figures.comparison).map(({ phase, seconds, gflop, shareOfPeak, productsAlone }) => [
      `\`${id}\``,
      phase,
      figure(seconds),
      figure(gflop),
      (gflop / seconds).toFixed(0),
      percent(shareOfPeak, 0),
      productsAlone === null ? '–' : figure(productsAlone),
      productsAlone === null ? '–' : percent(productsAlone / seconds, 0),
    ]),
  );
  if (rows.length === 0) return ['Not measured.', ''];
  return [
    'The peak is the best rate of any product in the workload’s data type, measured in the same run through the same binding. Small products',
    'never reach it. The last two columns therefore show how long the products of a phase take when each runs alone at the rate measured for its',
    'own shape, and which share of the phase that is. The rest is norms, softmax, the optimiser, copies and launching ops. The share can exceed',
    '100% if a small model runs two products at once, one per core. `electron/tools/bench/flops.ts` defines which products are counted.',
    '',
    table(
      ['Part', 'Phase', 'Seconds', 'GFLOP', 'GFLOP/s', 'Share of peak', 'Products alone, s', 'Share of phase'],
      rows,
    ),
    ...decodingNote(results),
  ];
}

/** Weights that are smaller may stay in a processor's cache. */
const CACHED_BYTES = 128 * 1024 * 1024;

/** For decoding the peak says little: with few rows, a position takes as long as its weights take to come from memory. */
function decodingNote(results: Results): string[] {
  const rate = readingRate(results);
  const rows = comparisons(results).flatMap(({ id, figures: { comparison } }) => {
    const bound = decodeBound(results, comparison);
    if (bound === null || bound.bytesPerToken < CACHED_BYTES) return [];
    const { seconds, bytesPerToken, least } = bound;
    return [
      [`\`${id}\``, (bytesPerToken / 1e6).toFixed(0), figure(seconds), figure(least), percent(least / seconds, 0)],
    ];
  });
  if (rate === null || rows.length === 0) return [];
  return [
    `Decoding reads all weights for each position, however few rows there are. All cores together read ${(rate / 1e9).toFixed(1)} GB/s (the sum of`,
    '256 MiB of numbers, at its best). That sets a bound; only the weights of `nano` stay in the cache:',
    '',
    table(['Part', 'MB of weights', 'Decoding, s', 'Bound, s', 'Share of the bound'], rows),
  ];
}

/** More processes wanted to run than this many times the cores: then the clock measures the others. */
const BUSY = 2;

/** Says so if the machine was busy with other work when parts began. */
function busyNote(results: Results, ids: readonly string[]): string[] {
  const most = Math.max(
    0,
    ...ids.map((id) => (results.parts[id]?.realtime ? 0 : (results.parts[id]?.loadBefore ?? 0))),
  );
  if (most <= BUSY * results.machine.cores) return [];
  return [
    `The machine was busy with other work when this was measured (${most.toFixed(0)} processes on ${String(results.machine.cores)} cores). Seconds by the clock are`,
    'therefore many times too long here and in the goals; memory, processor seconds, and ratios of what ran in the same minutes hold.',
    '',
  ];
}

/** Processor seconds of a side, if they were measured. */
function processor(side: PhotoPoint['peer']): string {
  return side?.processorSeconds === undefined ? '–' : figure(side.processorSeconds);
}

function photosSection(results: Results): string[] {
  const points = photoPoints(results);
  if (points.length === 0) return ['## Photos', '', 'Not measured.', ''];
  const rows = points.map(({ width, height, ours, peer }) => [
    `${String(width)} × ${String(height)}`,
    String(ours.promptTokens),
    gib(ours.peakResidentBytes),
    ours.predictedBytes === null ? '–' : signedPercent(ours.predictedBytes / ours.peakResidentBytes - 1),
    peer === null ? '–' : gib(peer.peakResidentBytes),
    peer === null ? '–' : `${(ours.peakResidentBytes / peer.peakResidentBytes).toFixed(2)} ×`,
    figure(ours.seconds),
    peer === null ? '–' : figure(peer.seconds),
    peer === null ? '–' : `${(ours.seconds / peer.seconds).toFixed(2)} ×`,
    processor(ours),
    processor(peer),
  ]);
  const { text, vision } = PHOTO_MODEL;
  return [
    '## Photos',
    '',
    `One question about one photo, which reaches the model whole (\`max_pixels\` ${(PHOTO_MODEL.maxPixels ?? 0).toLocaleString('en')}), and one token of an answer:`,
    `${String(text.numLayers)} layers of ${String(text.hiddenSize)}, vocabulary ${text.vocabSize.toLocaleString('en')}, ${String(vision.depth)} vision blocks of ${String(vision.embedDim)}, float32. Each size has a process of its own on`,
    'either side. Seconds are those of the tower and the prompt; the peak covers everything. Processor seconds are those of all cores and cover',
    'reading the picture as well, and on our side loading the model: on a busy machine they say more than the clock.',
    '',
    table(
      [
        'Photo',
        'Tokens',
        'Peak memory',
        'Predicted',
        'transformers',
        'Atelier / transformers',
        'Seconds',
        'transformers',
        'Atelier / transformers',
        'Processor, s',
        'transformers',
      ],
      rows,
    ),
    ...busyNote(
      results,
      Object.keys(results.parts).filter((id) => id.startsWith('photos')),
    ),
  ];
}

function largeModelSection(results: Results): string[] {
  const loading = partOf(results, 'loading:full2b', 'loading');
  const merge = partOf(results, 'merge:full2b', 'merge');
  const rate = ({ bytes, seconds }: { bytes: number; seconds: number }): string =>
    `${(bytes / seconds / 1e6).toFixed(0)} MB/s`;
  const { width, height } = LARGE_PHOTO;
  return [
    '## A model of 2B weights',
    '',
    ...(loading === null
      ? ['Loading was not measured.', '']
      : [
          `From the question to the first token of the answer, with a picture of ${String(width)} × ${String(height)} and ${gib(loading.modelBytes)} of weights in`,
          'the system’s file cache. Loading ends when TensorFlow has the weights and its programs are compiled; the first turn touches memory',
          'for the first time. Processor seconds are those of all cores: on a busy machine they say more than the clock.',
          '',
          table(
            ['Turn', 'Loading, s', 'First token, s', 'Processor, s', 'Prompt tokens'],
            loading.turns.map(({ wall, seconds, processorSeconds, promptTokens }, index) => [
              String(index + 1),
              figure(wall - seconds),
              figure(seconds),
              figure(processorSeconds),
              String(promptTokens),
            ]),
          ),
          `Peak memory: ${gib(loading.peakResidentBytes)}.`,
          '',
          ...firstTokenBound(results, loading),
        ]),
    ...busyNote(results, ['loading:full2b', 'merge:full2b']),
    ...(merge === null
      ? ['Merging was not measured.', '']
      : [
          `Merging an adapter on all projections, hashed and flushed to the disk: ${figure(merge.seconds)} s for ${gib(merge.bytes)}, ${rate(merge)}, ${figure(merge.processorSeconds)} processor seconds,`,
          `peak memory ${gib(merge.peakResidentBytes)}. Copying the same files without any work: ${rate(merge.copy)}. Cancelled, it ends after ${Math.ceil(merge.cancelSeconds * 1000).toLocaleString('en')} ms.`,
          '',
        ]),
  ];
}

/** How long the products of a first token take at the machine's best rates: no program on this machine could be faster. */
function firstTokenBound(results: Results, { turns }: LoadingResult): string[] {
  const peak = measuredPeak(results);
  const [first] = turns;
  if (peak === null || first === undefined) return [];
  const products = firstTokenProducts(WORKLOADS.full2b.model, LARGE_PHOTO, first.promptTokens);
  const tera = (weight: boolean): number => flopsOf(products.filter((each) => each.weight === weight)) / 1e12;
  const least = 1000 * (tera(true) / peak.BF16 + tera(false) / peak.F32);
  const best = Math.min(...turns.map(({ seconds }) => seconds));
  const dayOf = (id: string): string => results.parts[id]?.finishedAt.slice(0, 10) ?? '';
  // On a virtual machine, the same core is twice as fast on another day.
  const sameDay = dayOf('products') === dayOf('loading:full2b');
  return [
    `The first token needs ${tera(true).toFixed(2)} TFLOP of products with weights, in bfloat16, and ${tera(false).toFixed(2)} TFLOP of attention, whose scores stay in float32.`,
    `At the machine’s best rates${sameDay ? '' : ` of ${dayOf('products')}`} (${peak.BF16.toFixed(0)} and ${peak.F32.toFixed(0)} GFLOP/s) these alone take ${figure(least)} s${sameDay ? `, ${percent(least / best)} of the best turn` : ''}.`,
    'The rest is softmax, norms, activations, casts, copies, and the time in which TensorFlow optimises its two graphs, on one core.',
    '',
  ];
}

function memorySection(results: Results): string[] {
  const rows = comparisons(results).flatMap(({ id, figures }) => {
    const own = figures.comparison.ours.peakResidentBytes;
    // Rollouts alone do not cover everything that ours includes.
    const whole = figures.peers.filter(({ name }) => name !== 'hf');
    return whole.map((peer) => [
      `\`${id}\``,
      PEER_NAMES[figures.comparison.method]?.[peer.name] ?? peer.name,
      gib(own),
      gib(peer.peakResidentBytes),
      percent(own / peer.peakResidentBytes, 0),
    ]);
  });
  const predictions = comparisons(results).flatMap(({ id, figures }) => {
    const { plan, peakResidentBytes } = figures.comparison.ours;
    if (plan === null) return [];
    return [
      [
        `\`${id}\``,
        gib(plan.predictedBytes),
        gib(peakResidentBytes),
        signedPercent(plan.predictedBytes / peakResidentBytes - 1),
        `${String(plan.microBatchPrompts)} ${plan.microBatchPrompts === 1 ? 'prompt' : 'prompts'} at once${plan.byLayer ? ', layer by layer' : ''}, ${plan.precision}`,
        plan.parts.map(({ name, bytes }) => `${name} ${gib(bytes)}`).join(', '),
      ],
    ];
  });
  const lean = Object.values(results.parts).flatMap(({ result }) => (result?.kind === 'lean' ? [result] : []));
  const leak = partOf(results, 'leak:nano', 'leak');
  const mib = (bytes: number): string => (bytes / 1024 ** 2).toFixed(1);
  return [
    'The largest resident memory of each measured process, as the operating system counts it.',
    '',
    ...(rows.length === 0
      ? ['Not measured.', '']
      : [table(['Part', 'Peer', 'Atelier', 'Peer', 'Atelier / peer'], rows)]),
    ...(predictions.length === 0
      ? []
      : [
          'What the engine predicts before a run, and how it then splits the updates:',
          '',
          table(['Part', 'Predicted', 'Measured', 'Error', 'Updates', 'Parts of the prediction'], predictions),
        ]),
    ...lean.flatMap(({ work, seconds, peakResidentBytes }) => [
      `With activation recomputation, TRL’s step at \`${work}\` peaks at ${gib(peakResidentBytes)} and takes ${figure(seconds)} s.`,
      '',
    ]),
    ...(leak === null
      ? ['Leaks: not measured.', '']
      : [
          `Over ${leak.report.steps.toLocaleString('en')} steps of \`${leak.work}\` (${figure(leak.secondsPerStep)} s each) resident memory changes by ` +
            `${mib(leak.report.bytesPerThousandSteps)} ± ${mib(leak.report.marginBytes)} MiB per 1,000 steps (95% interval of a line through 20 block ` +
            `means, without the first ${String(leak.report.settled)} steps): ${leak.report.flat ? 'flat' : '**it grows**'}.`,
          '',
        ]),
  ];
}

const AXIS_WORDS: Record<GrowthAxis, string> = {
  groupSize: 'rollouts per prompt',
  completionTokens: 'tokens per completion',
  imageSide: 'side of the image, pixels',
  numLayers: 'layers',
  hiddenSize: 'width',
};

function growthSection(results: Results): string[] {
  const rows = GROWTH_AXES.flatMap((axis) => {
    const points = growthAlong(results, axis);
    if (points.length < 3) return [];
    const power = (of: 'step' | 'generate' | 'update' | 'encode'): string => {
      const usable = points.filter((point) => point[of] > 0);
      if (usable.length < 3) return '–';
      const { slope, slopeMargin } = fitPower(usable.map((point) => [point.value, point[of]]));
      return `${slope.toFixed(2)} ± ${slopeMargin.toFixed(2)}`;
    };
    return [
      [
        AXIS_WORDS[axis],
        points.map(({ value }) => value).join(', '),
        points.map(({ step }) => figure(step)).join(', '),
        power('step'),
        power('generate'),
        power('update'),
        power('encode'),
      ],
    ];
  });
  if (rows.length === 0) return ['Not measured.', ''];
  return [
    'A `nano` step of 4 prompts × 8 rollouts with kept features, in which one dimension changes at a time. Powers are least-squares slopes on',
    'logarithmic axes with their 95% interval; 1 is linear. `encode` is the first encoding of a step’s images.',
    '',
    table(['Dimension', 'Values', 'Step, s', 'Step', 'Rollouts', 'Update', 'Encode'], rows),
  ];
}

function endingsSection(results: Results): string[] {
  const found = partOf(results, 'endings:nano', 'endings');
  if (found === null) return [];
  const rows = found.points.map(({ meanTokens, longestTokens, decode, wholeBatch }) => [
    meanTokens.toFixed(1),
    (longestTokens / found.steps).toFixed(1),
    figure(decode / found.steps),
    figure(wholeBatch / found.steps),
    `${(wholeBatch / decode).toFixed(2)} ×`,
  ]);
  return [
    `An answer that ends leaves the batch. \`${found.work}\` with a limit of ${String(found.limit)} tokens, per step (means of ${String(found.steps)}), compared with decoding`,
    'every row until the longest answer ends:',
    '',
    table(['Tokens per answer', 'In the longest', 'Decoding, s', 'With every row, s', 'Speed-up'], rows),
  ];
}

function startSection(results: Results): string[] {
  const rows = comparisons(results).map(({ id, figures }) => {
    const { startup, firstStepSeconds } = figures.comparison.ours;
    const at = (phase: string): number => startup.phases[phase] ?? NaN;
    // `load` is told again while weights are read, which happens beside `compile`.
    const named = ['read images', 'compile', 'train'] as const;
    const lasts = named.slice(0, -1).map((phase, index) => figure(at(named[index + 1] ?? '') - at(phase)));
    return [
      `\`${id}\``,
      figure(at('read images')),
      ...lasts,
      figure(firstStepSeconds),
      figure(startup.ready + firstStepSeconds),
    ];
  });
  if (rows.length === 0) return ['Not measured.', ''];
  return [
    'Seconds from the start of the process to the end of its first step. Compilation includes reading the weights.',
    '',
    table(['Part', 'Program and TensorFlow', 'Read images', 'Compile', 'First step', 'In all'], rows),
  ];
}

function profileSection(results: Results): string[] {
  const profiles = Object.values(results.parts).flatMap(({ result }) => (result?.kind === 'profile' ? [result] : []));
  const sections = profiles.flatMap(({ work, entries }) =>
    Object.entries(entries).map(([entry, ops]) => {
      const all = ops.reduce((sum, { seconds }) => sum + seconds, 0);
      const rows = ops
        .slice(0, 12)
        .map(({ op, calls, seconds }) => [
          `\`${op}\``,
          calls.toLocaleString('en'),
          figure(seconds * 1000),
          percent(seconds / all, 0),
        ]);
      return [
        `${entry === 'sft' ? 'A supervised step' : 'A GRPO step'} at \`${work}\`:`,
        '',
        table(['Op', 'Calls', 'Milliseconds', 'Share'], rows),
      ].join('\n');
    }),
  );
  if (sections.length === 0) return ['Not measured.', ''];
  return [
    'TensorFlow’s C library cannot profile a compiled graph. Here the same functions run op by op on the same kernels, and each op is timed. The',
    'shares show where a compiled step spends its time; the totals are longer than those of a compiled step.',
    '',
    ...sections,
  ];
}

function missingSection(results: Results): string[] {
  const failed = Object.entries(results.parts).filter(([, { error }]) => error !== undefined);
  if (failed.length === 0) return [];
  return [
    '## What could not be measured',
    '',
    ...failed.map(([id, { error }]) => `- \`${id}\`: ${error?.split('\n').filter(Boolean).at(-1) ?? ''}`),
    '',
  ];
}

function methodSection(results: Results): string[] {
  const parts = Object.entries(results.parts);
  const loads = parts
    .filter(([, { realtime }]) => !realtime)
    .map(([id, { loadBefore }]) => `\`${id}\` ${figure(loadBefore)}`);
  const first = parts.filter(([, { realtime }]) => realtime).map(([id]) => `\`${id}\``);
  return [
    '## How it is measured',
    '',
    '- Each side is a process of its own that waits for its turn; one turn is one step. First steps, which touch memory and optimise graphs, do',
    '  not count; the table under Start shows them.',
    '- Our side runs through the same interface as the studio (`createEngineService().train`). The binding times the entry points from outside.',
    '- `npm run bench -- --publish --budget 25` measures everything and writes this page; `--resume` continues after an interruption.',
    `- One-minute load average when each part began (it includes our own processes): ${loads.join(', ')}.`,
    ...(first.length === 0
      ? []
      : [
          `- At realtime priority (\`chrt -r 1\`), so that other work had to wait, whatever the load: ${first.join(', ')}.`,
        ]),
    '',
  ];
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const results = await readResults(PUBLISHED_RESULTS);
  if (results === null) {
    process.stderr.write('There is no docs/performance.json of this version. Run: npm run bench -- --publish\n');
    process.exitCode = 1;
  } else process.stdout.write(`${await writePage(results)}\n`);
}
