/**
 * @file "Ask the model first": a model or a run answers the pictures of a sheet. Its answers are proposals, stored as they
 * come with who made them; only a person turns one into an answer.
 */
import type { z } from 'zod';
import type { EngineSample } from '../../contract/engine/engine.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { LabelItem, Proposal, ProposeEvent, ProposeRequest } from '../../contract/model/labels.ts';
import { SampleId } from '../../contract/model/primitives.ts';
import { learningTaskOf } from '../../method/answer-forms.ts';
import { systemOf } from '../../method/prompt-template.ts';
import { extractAnswer } from '../../rewards/answer.ts';
import type { LabelRecord, SheetRecord } from '../../store/labels/labels.ts';
import type { StudioCore } from '../context.ts';
import { EventQueue } from '../engine-client/event-queue.ts';
import { limitFor } from '../models/detail.ts';
import { speakerOf, type Speaker } from '../playground/speaker.ts';
import { memoryLimitOf } from '../system/preferences.ts';
import { answerProblem } from './sheets.ts';

type Studio = Pick<StudioCore, 'home' | 'store' | 'engine'>;
type Request = z.output<typeof ProposeRequest>;

const THOUGHT = /<think>.*?(?:<\/think>|$)/gs;
const LONGEST = 20_000;

/** The proposals as they come. If the reader stops, the model stops; what it has proposed is kept. */
export function streamProposals(
  studio: Studio,
  request: Request,
  signal?: AbortSignal,
): AsyncIterableIterator<ProposeEvent> {
  const cancel = new AbortController();
  const queue = new EventQueue<ProposeEvent>(() => cancel.abort());
  signal?.addEventListener('abort', () => cancel.abort(), { once: true });
  void proposeAnswers(studio, request, (event) => queue.push(event), cancel.signal).then(
    () => queue.end(),
    (error: unknown) => queue.fail(error),
  );
  return queue;
}

/** @throws AtelierError NOT_FOUND for an unknown sheet, model or run; BAD_INPUT where nothing waits; CANCELLED */
async function proposeAnswers(
  studio: Studio,
  request: Request,
  tell: (event: ProposeEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const { store, engine, home } = studio;
  const sheet = await store.labels.get(request.sheetId);
  const speaker = await speakerOf(studio, request);
  const asked = await askedOf(studio, sheet, request);
  const by = await proposerOf(studio, request, speaker);
  const samples = await Promise.all(asked.map((item) => engineSample(studio, sheet, item)));
  const itemOf = new Map(asked.map((item) => [sampleIdOf(item), item]));
  const counts = { proposed: 0, unreadable: 0 };
  const job = {
    modelPath: speaker.modelPath,
    ...(speaker.checkpoint === null ? {} : { adapterPath: speaker.checkpoint.path }),
    promptTemplate: templateOf(sheet, request, speaker),
    ...systemOf(speaker.systemPrompt),
    samples,
    maxNewTokens: request.maxNewTokens,
    ...(await limitFor(studio, speaker.modelPath, { ...speaker, detail: undefined })),
    ...(await memoryLimitOf(home)),
  };
  try {
    for await (const event of engine.evaluate(job, signal)) {
      if (signal.aborted) break;
      if (event.type === 'progress') {
        tell(event);
        continue;
      }
      for (const { sampleId, text } of event.items) {
        const item = itemOf.get(sampleId);
        const answer = answerIn(text);
        if (item === undefined || answer === '' || answerProblem(answer, sheet.task) !== null) {
          counts.unreadable += 1;
          continue;
        }
        await store.labels.propose(sheet.id, item.position, { ...by, answer, at: new Date().toISOString() });
        const [now] = await store.labels.itemsAt(sheet.id, [item.position]);
        if (now !== undefined) tell({ type: 'item', item: now });
        counts.proposed += 1;
      }
    }
  } finally {
    if (counts.proposed > 0) {
      const { modelSha256, runId, step } = by;
      await store.labels.recordProposals({
        sheetId: sheet.id,
        modelSha256,
        ...(runId === null ? {} : { runId, step }),
        proposals: counts.proposed,
      });
    }
  }
  if (signal.aborted)
    throw new AtelierError('CANCELLED', `The model was stopped. Its ${counts.proposed} proposals are kept.`);
  tell({ type: 'done', sheet: await store.labels.get(sheet.id), ...counts });
}

async function askedOf(
  { store }: Studio,
  sheet: SheetRecord,
  { positions }: Request,
): Promise<[LabelRecord, ...LabelRecord[]]> {
  const items = await store.labels.itemsAt(sheet.id, positions);
  const isAsked = (item: LabelItem): boolean =>
    !item.leftOut && (positions !== undefined || (item.answer.trim() === '' && item.proposal === null));
  const [first, ...others] = items.filter(isAsked);
  if (first !== undefined) return [first, ...others];
  throw new AtelierError('BAD_INPUT', `No picture of "${sheet.name}" waits for an answer.`, {
    place: { field: 'sheetId' },
    remedy: 'Choose the pictures to ask about.',
  });
}

async function proposerOf(
  { store }: Studio,
  { modelId, runId }: Request,
  speaker: Speaker,
): Promise<Omit<Proposal, 'answer' | 'at'>> {
  const { name, sha256 } = await store.models.get(modelId);
  const run = runId === undefined ? null : (await store.runs.get(runId)).summary;
  return {
    model: name,
    modelSha256: sha256,
    runId: run?.id ?? null,
    runName: run?.name ?? null,
    step: speaker.checkpoint?.step ?? null,
  };
}

async function engineSample({ store }: Studio, sheet: SheetRecord, item: LabelRecord): Promise<EngineSample> {
  return {
    id: sampleIdOf(item),
    imagePath: await store.blobs.getWhole(item.imageSha256),
    imageName: item.name,
    imageSize: { width: item.width, height: item.height },
    upright: sheet.orientation === 'upright',
    prompt: item.question ?? sheet.question,
    // There is no right answer yet, so the engine's verdict means nothing.
    answer: '-',
    task: 'other',
  };
}

function sampleIdOf({ position }: LabelItem): SampleId {
  return SampleId.parse(`picture-${position}`);
}

/** A run is asked as it was trained; a base model in the form that the task's answers have. */
function templateOf(sheet: SheetRecord, { runId }: Request, speaker: Speaker): string {
  return runId === undefined
    ? (learningTaskOf(sheet.task)?.promptTemplate ?? speaker.promptTemplate)
    : speaker.promptTemplate;
}

/** What a completion answers: its answer tag, or all of it without its thought. */
function answerIn(completion: string): string {
  const extracted = extractAnswer(completion);
  const text = extracted.found ? extracted.text : completion.replaceAll(THOUGHT, '').replaceAll(/<\/?answer>/g, '');
  return text.trim().slice(0, LONGEST);
}
