/** @file What the finished starter model can do, measured on held-out pictures; the model card quotes only these. */
import type { LoadedModel } from '../../../engine/policy/loaded-model.ts';
import type { PolicyShape } from '../../../engine/training/policy-program.ts';
import { gradeAnswer } from '../../../rewards/accuracy.ts';
import { hasFormat } from '../../../rewards/format.ts';
import type { PretrainExample, PretrainStream } from '../../../starter/pretrain-stream.ts';
import { COUNTING_WORDINGS, GEOMETRY_WORDINGS, type Habit } from '../../../starter/texts.ts';
import { createExaminer } from './examiner.ts';
import type { PromptMaker } from './prepare.ts';

export interface Share {
  right: number;
  of: number;
}

export interface Figures {
  seed: number;
  /** Greedy answers. */
  accuracy: Record<string, Share>;
  format: Share;
  /** Sampled at temperature 1, eight per question. */
  sampledAccuracy: Share;
  /** Questions of which at least one of eight sampled answers was right. */
  passAt8: Record<string, Share>;
}

export interface FiguresPlan {
  seed: number;
  greedyQuestions: number;
  sampledQuestions: number;
}

export const FIGURES_PLAN: FiguresPlan = { seed: 4242, greedyQuestions: 1024, sampledQuestions: 512 };
const SAMPLES = 8;

/** Questions from the stream whose pictures no training step saw (different seed), without the describing tasks. */
function questions(stream: PretrainStream, seed: number, n: number): PretrainExample[] {
  const list: PretrainExample[] = [];
  for (let index = 0; list.length < n; index++) {
    const example = stream.example(seed, index, 'habits');
    if (example.habit !== 'dense') list.push(example);
  }
  return list;
}

export async function measureFigures(
  model: LoadedModel,
  stream: PretrainStream,
  maker: PromptMaker,
  shape: PolicyShape,
  plan: FiguresPlan = FIGURES_PLAN,
): Promise<Figures> {
  const accuracy: Record<string, Share> = {};
  const passAt8: Record<string, Share> = {};
  const format: Share = { right: 0, of: 0 };
  const sampledAccuracy: Share = { right: 0, of: 0 };

  const greedy = questions(stream, plan.seed, plan.greedyQuestions);
  const examiner = await createExaminer(model, { ...shape, groupSize: 1 });
  const answers = await examiner.answer(
    await Promise.all(greedy.map(({ question, rgb }) => maker.prepare(question, rgb))),
    true,
  );
  greedy.forEach((example, index) => {
    const text = answers[index]?.[0] ?? '';
    const right = isRight(example, text);
    for (const key of ['all', example.task, `${example.task}, ${leaningOf(example)} wordings`])
      count(accuracy, key, right);
    add(format, hasFormat(text));
  });

  const sampled = questions(stream, plan.seed + 1, plan.sampledQuestions);
  const batch = Math.max(1, Math.floor(shape.batch / SAMPLES));
  const sampler = await createExaminer(model, { ...shape, batch, images: batch, groupSize: SAMPLES });
  const groups = await sampler.answer(
    await Promise.all(sampled.map(({ question, rgb }) => maker.prepare(question, rgb))),
    false,
  );
  sampled.forEach((example, index) => {
    const rights = (groups[index] ?? []).map((text) => isRight(example, text));
    for (const right of rights) add(sampledAccuracy, right);
    for (const key of ['all', example.task]) count(passAt8, key, rights.includes(true));
  });
  return { seed: plan.seed, accuracy: sorted(accuracy), format, sampledAccuracy, passAt8: sorted(passAt8) };
}

function isRight(example: PretrainExample, text: string): boolean {
  return gradeAnswer({ completion: text, answer: example.answer, task: example.task }).verdict === 'correct';
}

/** The habit that a question's wording leans towards. */
function leaningOf({ question, task }: PretrainExample): Habit {
  const wordings = task === 'counting' ? COUNTING_WORDINGS : GEOMETRY_WORDINGS;
  const match = wordings.find(({ text }) => {
    const [before = '', after = ''] = text.split(/\{\w+\}/);
    const middle = question.slice(before.length, question.length - after.length);
    return (
      question.startsWith(before) &&
      question.endsWith(after) &&
      (task === 'counting' ? !middle.includes(' ') : middle.startsWith('the '))
    );
  });
  if (match === undefined) throw new Error(`No wording fits "${question}".`);
  return match.leaning;
}

function count(shares: Record<string, Share>, key: string, right: boolean): void {
  add((shares[key] ??= { right: 0, of: 0 }), right);
}

function add(share: Share, right: boolean): void {
  share.right += Number(right);
  share.of += 1;
}

function sorted(shares: Record<string, Share>): Record<string, Share> {
  return Object.fromEntries(Object.entries(shares).sort(([a], [b]) => a.localeCompare(b)));
}
