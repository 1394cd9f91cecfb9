/** @file The playground: one question for two speakers, each a model or a run's checkpoint, with the same seed. */
import {
  LARGEST_UPLOAD_BYTES,
  MOST_PICTURES,
  resultOf,
  type DatasetId,
  type DetailLevel,
  type ModelId,
  type ModelSummary,
  type PlaygroundAnswer,
  type PlaygroundEntry,
  type PlaygroundImage,
  type PlaygroundRequest,
  type Progress,
  type ResultEvent,
  type RunId,
  type RunSummary,
  type Sample,
  type Task,
} from '../../../../electron/contract/api/index.ts';
import { troubleOf, type Trouble } from '../../api/errors.ts';

export type AnswerCall = (
  request: PlaygroundRequest,
  options: { signal: AbortSignal },
) => Promise<AsyncIterable<ResultEvent<PlaygroundAnswer>>>;

/** A picture of the question: a sample from a dataset, or your own. */
export type Picture = { kind: 'sample'; sample: Sample } | { kind: 'kept'; sha256: string; name: string };

/**
 * Who answers: a model as it is, or with the adapter of a run; `step` absent = the checkpoint that stands for the run.
 * `datasetId`: in whose words a run of several datasets is asked; absent = those of the picture's, else the heaviest one's.
 */
export type Speaker = { modelId: ModelId; runId?: RunId; step?: number; datasetId?: DatasetId };

export type PlaygroundMissing = 'model' | 'question' | 'settings';

/** One of the two speakers. Its last answer stays until a newer one arrives. */
export class AnswerSlot {
  answer = $state.raw<PlaygroundAnswer>();
  /** What the answer was given to; undefined without one. */
  asked = $state.raw<PlaygroundRequest>();
  trouble = $state.raw<Trouble>();
  busy = $state(false);
  /** What is going on while it is busy; undefined until that is known. */
  progress = $state.raw<Progress>();

  async ask(call: AnswerCall, request: PlaygroundRequest, signal: AbortSignal): Promise<void> {
    this.busy = true;
    this.trouble = undefined;
    this.progress = undefined;
    try {
      const answer = await resultOf(call(request, { signal }), (progress) => {
        if (!signal.aborted) this.progress = progress;
      });
      if (!signal.aborted) this.show(answer, request);
    } catch (error) {
      if (!signal.aborted) {
        this.trouble = troubleOf(error);
        this.answer = undefined;
      }
    } finally {
      if (!signal.aborted) this.busy = false;
    }
  }

  show(answer: PlaygroundAnswer, asked: PlaygroundRequest): void {
    this.answer = answer;
    this.asked = asked;
    this.trouble = undefined;
  }

  clear(): void {
    this.answer = undefined;
    this.asked = undefined;
    this.trouble = undefined;
    this.busy = false;
  }
}

export class Playground {
  /** Who answers on the left; undefined = there is no model. */
  first = $state.raw<Speaker>();
  /** Who answers beside; undefined = nobody. */
  second = $state.raw<Speaker>();
  pictures = $state.raw<readonly Picture[]>([]);
  question = $state('');
  /** Empty = not known. */
  rightAnswer = $state('');
  task = $state<Task>('other');
  greedy = $state(true);
  temperature = $state(1);
  seed = $state(7);
  maxNewTokens = $state(64);
  /** How much of the pictures both see; undefined = as the run or the dataset says. */
  detail = $state<DetailLevel>();
  readonly base = new AnswerSlot();
  readonly tuned = new AnswerSlot();
  /** The question to which the displayed answers belong, and its place in the history. */
  #asked = $state<string>();
  entryId = $state<string>();
  #running: AbortController | undefined;
  readonly #call: AnswerCall;

  constructor(call: AnswerCall) {
    this.#call = call;
  }

  get busy(): boolean {
    return this.base.busy || this.tuned.busy;
  }

  get full(): boolean {
    return this.pictures.length >= MOST_PICTURES;
  }

  readonly missing: PlaygroundMissing | undefined = $derived.by(() => {
    if (this.first === undefined) return 'model';
    if (this.question.trim() === '') return 'question';
    const tokens = this.maxNewTokens;
    const whole = Number.isInteger(tokens) && tokens >= 1 && tokens <= 1024 && Number.isInteger(this.seed);
    return whole && this.seed >= 0 && this.temperature > 0 && this.temperature <= 5 ? undefined : 'settings';
  });

  /** True if the answers belong to a question, picture, speaker or setting other than those now in the form. */
  readonly stale: boolean = $derived(this.#asked !== undefined && this.#asked !== this.#key());

  /** Shows a sample with its question and correct answer, in place of the other samples. */
  chooseSample(sample: Sample): void {
    this.pictures = [{ kind: 'sample', sample }];
    this.question = sample.prompt;
    this.rightAnswer = sample.answer;
    this.task = sample.task;
  }

  /** Adds a picture after the others; the first of your own replaces the sample, whose answer it is not. */
  add(picture: Picture): void {
    const onlySample = this.pictures.length === 1 && this.pictures[0]?.kind === 'sample' && picture.kind === 'kept';
    if (onlySample) this.rightAnswer = '';
    this.pictures = [...(onlySample ? [] : this.pictures), picture].slice(0, MOST_PICTURES);
  }

  without(index: number): void {
    this.pictures = this.pictures.filter((_, at) => at !== index);
  }

  /** Chooses a run beside its own model as it was before. */
  chooseRun(run: RunSummary | undefined): void {
    if (run !== undefined) this.first = { modelId: run.modelId };
    this.choose('second', run === undefined ? undefined : { modelId: run.modelId, runId: run.id });
  }

  /** Answers of another speaker do not stay. */
  choose(side: 'first' | 'second', speaker: Speaker | undefined): void {
    this.stop();
    this[side] = speaker;
    this[side === 'first' ? 'base' : 'tuned'].clear();
    if (this.base.answer === undefined && this.tuned.answer === undefined) this.#asked = undefined;
  }

  /** Asks both at once and abandons any earlier question still being answered. */
  async ask(): Promise<void> {
    const { first, second } = this;
    if (first === undefined || this.missing !== undefined) return;
    this.stop();
    const running = new AbortController();
    this.#running = running;
    this.#asked = this.#key();
    const id = crypto.randomUUID();
    this.entryId = id;
    const request = (speaker: Speaker, side: number): PlaygroundRequest => ({
      ...this.#request(speaker),
      remember: { id, side },
    });
    await Promise.all([
      this.base.ask(this.#call, request(first, 0), running.signal),
      ...(second === undefined ? [] : [this.tuned.ask(this.#call, request(second, 1), running.signal)]),
    ]);
  }

  /** Stops waiting for answers. */
  stop(): void {
    this.#running?.abort();
    this.base.busy = false;
    this.tuned.busy = false;
  }

  /** Shows a question of the history with its answers. @param pictures those that are still there */
  restore(entry: PlaygroundEntry, pictures: readonly Picture[]): void {
    this.stop();
    this.pictures = pictures;
    this.question = entry.question;
    this.rightAnswer = entry.reference?.answer ?? '';
    this.task = entry.reference?.task ?? 'other';
    this.greedy = entry.greedy;
    this.temperature = entry.temperature;
    this.seed = entry.seed;
    this.maxNewTokens = entry.maxNewTokens;
    this.detail = levelOf(entry.detail);
    this.base.clear();
    this.tuned.clear();
    const [left, right] = [0, 1].map((side) => entry.answers.find((each) => each.side === side));
    if (left !== undefined) this.first = speakerOf(left);
    this.second = right === undefined ? undefined : speakerOf(right);
    const images = pictures.map(imageOf);
    if (left !== undefined) this.base.show(left.answer, { ...this.#request(speakerOf(left)), images });
    if (right !== undefined) this.tuned.show(right.answer, { ...this.#request(speakerOf(right)), images });
    this.entryId = entry.id;
    this.#asked = this.#key();
  }

  #request(speaker: Speaker): PlaygroundRequest {
    const answer = this.rightAnswer.trim();
    return {
      ...speaker,
      ...this.#wordsFor(speaker),
      images: this.pictures.map(imageOf),
      question: this.question.trim(),
      greedy: this.greedy,
      temperature: this.temperature,
      seed: this.seed,
      maxNewTokens: this.maxNewTokens,
      ...(this.detail === undefined ? {} : { detail: this.detail }),
      ...(answer === '' ? {} : { reference: { answer, task: this.task } }),
    };
  }

  /** A model beside a run trained on it is asked and graded as the run is; otherwise their answers could not be compared. */
  #wordsFor({ modelId, runId }: Speaker): Pick<PlaygroundRequest, 'wordsOf'> {
    if (runId !== undefined) return {};
    const beside = [this.first, this.second].find((each) => each?.runId !== undefined && each.modelId === modelId);
    if (beside?.runId === undefined) return {};
    const { datasetId } = beside;
    return { wordsOf: { runId: beside.runId, ...(datasetId === undefined ? {} : { datasetId }) } };
  }

  #key(): string {
    const drawn = this.greedy ? 'greedy' : `${String(this.temperature)} ${String(this.seed)}`;
    const pictures = this.pictures.map(imageOf);
    const seen = pictures.length === 0 ? undefined : this.detail;
    const words = [this.question.trim(), this.rightAnswer.trim(), drawn, this.maxNewTokens, seen];
    return JSON.stringify([pictures, words, this.first, this.second]);
  }
}

function levelOf(detail: PlaygroundEntry['detail']): DetailLevel | undefined {
  return typeof detail === 'string' ? detail : undefined;
}

function speakerOf({ modelId, runId, step, datasetId }: PlaygroundEntry['answers'][number]): Speaker {
  return {
    modelId,
    ...(runId === undefined ? {} : { runId }),
    ...(step === undefined ? {} : { step }),
    ...(datasetId === undefined ? {} : { datasetId }),
  };
}

/** How the studio is told of a picture. */
export function imageOf(picture: Picture): PlaygroundImage {
  return picture.kind === 'sample' ? { kind: 'sample', sampleId: picture.sample.id } : picture;
}

/** The title of a speaker: its model, or its run with the step. */
export function nameOf(
  speaker: Speaker,
  models: readonly ModelSummary[],
  runs: readonly RunSummary[],
): { name: string; step?: number } {
  const run = runs.find(({ id }) => id === speaker.runId);
  const model = models.find(({ id }) => id === speaker.modelId)?.name ?? speaker.modelId;
  if (speaker.runId === undefined) return { name: model };
  const step = speaker.step ?? run?.lastCheckpointStep ?? undefined;
  return { name: run?.name ?? speaker.runId, ...(step === undefined ? {} : { step }) };
}

/** Why a file cannot be used, decided before reading it; undefined if it is worth trying. */
export function refusalOf(file: { type: string; size: number }): 'noPicture' | 'tooLarge' | undefined {
  if (!file.type.startsWith('image/') || file.type === 'image/svg+xml') return 'noPicture';
  return file.size > LARGEST_UPLOAD_BYTES ? 'tooLarge' : undefined;
}
