/** @file The playground: one question for the base model and for a run's adapter, with the same seed. */
import {
  LARGEST_UPLOAD_BYTES,
  resultOf,
  type DetailLevel,
  type ModelSummary,
  type PlaygroundAnswer,
  type PlaygroundImage,
  type PlaygroundRequest,
  type Progress,
  type ResultEvent,
  type RunSummary,
  type Sample,
  type Task,
} from '../../../../electron/contract/api/index.ts';
import { troubleOf, type Trouble } from '../../api/errors.ts';

export type AnswerCall = (
  request: PlaygroundRequest,
  options: { signal: AbortSignal },
) => Promise<AsyncIterable<ResultEvent<PlaygroundAnswer>>>;

/** The picture: a sample from a dataset, or your own. */
export type Picture =
  { kind: 'sample'; sample: Sample } | { kind: 'upload'; name: string; base64: string; previewUrl: string };

export type PlaygroundMissing = 'model' | 'question' | 'settings';

/** One of the two models. Its last answer stays until a newer one arrives. */
export class AnswerSlot {
  answer = $state.raw<PlaygroundAnswer>();
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
      if (!signal.aborted) this.answer = answer;
    } catch (error) {
      if (!signal.aborted) {
        this.trouble = troubleOf(error);
        this.answer = undefined;
      }
    } finally {
      if (!signal.aborted) this.busy = false;
    }
  }

  clear(): void {
    this.answer = undefined;
    this.trouble = undefined;
    this.busy = false;
  }
}

export class Playground {
  model = $state.raw<ModelSummary>();
  /** The run whose newest checkpoint answers alongside the model; undefined = the model alone. */
  run = $state.raw<RunSummary>();
  picture = $state.raw<Picture>();
  question = $state('');
  /** Empty = not known. */
  rightAnswer = $state('');
  task = $state<Task>('other');
  greedy = $state(true);
  temperature = $state(1);
  seed = $state(7);
  maxNewTokens = $state(64);
  /** How much of the picture both see; undefined = as the run or the dataset says. */
  detail = $state<DetailLevel>();
  readonly base = new AnswerSlot();
  readonly tuned = new AnswerSlot();
  /** The question to which the displayed answers belong. */
  #asked = $state<string>();
  #running: AbortController | undefined;
  readonly #call: AnswerCall;

  constructor(call: AnswerCall) {
    this.#call = call;
  }

  get busy(): boolean {
    return this.base.busy || this.tuned.busy;
  }

  readonly missing: PlaygroundMissing | undefined = $derived.by(() => {
    if (this.model === undefined) return 'model';
    if (this.question.trim() === '') return 'question';
    const tokens = this.maxNewTokens;
    const whole = Number.isInteger(tokens) && tokens >= 1 && tokens <= 1024 && Number.isInteger(this.seed);
    return whole && this.seed >= 0 && this.temperature > 0 && this.temperature <= 5 ? undefined : 'settings';
  });

  /** True if the answers belong to a question, picture or setting other than those now in the form. */
  readonly stale: boolean = $derived(
    this.#asked !== undefined && this.model !== undefined && this.#asked !== this.#key(),
  );

  /** Selects a sample with its question and correct answer. */
  chooseSample(sample: Sample): void {
    this.picture = { kind: 'sample', sample };
    this.question = sample.prompt;
    this.rightAnswer = sample.answer;
    this.task = sample.task;
  }

  /** Selects your own picture, whose correct answer is unknown. */
  choosePicture(picture: Extract<Picture, { kind: 'upload' }>): void {
    if (this.picture?.kind === 'sample') this.rightAnswer = '';
    this.picture = picture;
  }

  /** Chooses a run and, with it, its model. */
  chooseRun(run: RunSummary | undefined, models: readonly ModelSummary[]): void {
    this.run = run;
    if (run !== undefined) this.model = models.find((model) => model.id === run.modelId) ?? this.model;
    this.stop();
    this.base.clear();
    this.tuned.clear();
    this.#asked = undefined;
  }

  /** Asks both at once and abandons any earlier question still being answered. */
  async ask(): Promise<void> {
    const { model, run } = this;
    if (model === undefined || this.missing !== undefined) return;
    this.stop();
    const running = new AbortController();
    this.#running = running;
    this.#asked = this.#key();
    const request = this.#request(model);
    await Promise.all([
      this.base.ask(this.#call, request, running.signal),
      ...(run === undefined ? [] : [this.tuned.ask(this.#call, { ...request, runId: run.id }, running.signal)]),
    ]);
  }

  /** Stops waiting for answers. */
  stop(): void {
    this.#running?.abort();
    this.base.busy = false;
    this.tuned.busy = false;
  }

  #request(model: ModelSummary): PlaygroundRequest {
    const answer = this.rightAnswer.trim();
    return {
      modelId: model.id,
      image: imageOf(this.picture),
      question: this.question.trim(),
      greedy: this.greedy,
      temperature: this.temperature,
      seed: this.seed,
      maxNewTokens: this.maxNewTokens,
      ...(this.detail === undefined ? {} : { detail: this.detail }),
      ...(answer === '' ? {} : { reference: { answer, task: this.task } }),
    };
  }

  #key(): string {
    const picture = this.picture?.kind === 'upload' ? this.picture.previewUrl : this.picture?.sample.id;
    const drawn = this.greedy ? 'greedy' : `${String(this.temperature)} ${String(this.seed)}`;
    const seen = picture === undefined ? undefined : this.detail;
    return JSON.stringify([picture, this.question.trim(), this.rightAnswer.trim(), drawn, this.maxNewTokens, seen]);
  }
}

function imageOf(picture: Picture | undefined): PlaygroundImage | null {
  if (picture === undefined) return null;
  if (picture.kind === 'sample') return { kind: 'sample', sampleId: picture.sample.id };
  return { kind: 'upload', name: picture.name, base64: picture.base64 };
}

/** Why a file cannot be used, decided before reading it; undefined if it is worth trying. */
export function refusalOf(file: { type: string; size: number }): 'noPicture' | 'tooLarge' | undefined {
  if (!file.type.startsWith('image/') || file.type === 'image/svg+xml') return 'noPicture';
  return file.size > LARGEST_UPLOAD_BYTES ? 'tooLarge' : undefined;
}
