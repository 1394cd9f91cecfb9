/** @file The starter models: each is one description of what it is made from and how it is measured. */
import { AtelierError } from '../../../contract/errors/errors.ts';
import type { LoadedModel } from '../../../engine/policy/loaded-model.ts';
import type { PolicyShape } from '../../../engine/training/policy-program.ts';
import { createApprenticeStream } from '../../../starter/apprentice-stream.ts';
import { loadArt } from '../../../starter/art.ts';
import { loadCatalogue } from '../../../starter/catalogue.ts';
import { apprenticeConfig, nanoConfig } from '../../../starter/nano-config.ts';
import { createPretrainStream, type PretrainStream } from '../../../starter/pretrain-stream.ts';
import { starterPlans } from '../build-starter.ts';
import { writeModelFiles } from '../tokenizer-build.ts';
import { modelCard } from './card.ts';
import { measureFigures } from './figures.ts';
import { APPRENTICE_PLAN, NANO_PLAN, type PretrainPlan } from './plan.ts';
import type { PromptMaker } from './prepare.ts';
import { apprenticeCard } from './two-step-card.ts';
import { measureTwoStep } from './two-step-figures.ts';

/** What there is to measure once the weights are written. */
export interface Finished {
  model: LoadedModel;
  stream: PretrainStream;
  maker: PromptMaker;
  shape: PolicyShape;
  parameters: number;
}

export interface Starter {
  /** Its folder in resources/models, and the word that names it in a terminal. */
  id: string;
  /** The starter model whose weights it goes on from; null = random weights. */
  begins: string | null;
  plan: PretrainPlan;
  stream(): Promise<PretrainStream>;
  /** Writes every file except weights, figures and card. */
  writeFiles(folder: string): Promise<void>;
  /** Measures the written weights. @returns what figures.json holds beside plan and size, and the card's text */
  measure(finished: Finished): Promise<{ figures: object; card: string }>;
}

const nano: Starter = {
  id: 'nano',
  begins: null,
  plan: NANO_PLAN,
  stream: createPretrainStream,
  writeFiles: (folder) => writeModelFiles(folder, nanoConfig()),
  measure: async ({ model, stream, maker, shape, parameters }) => {
    const figures = await measureFigures(model, stream, maker, shape);
    const kinds = (await loadCatalogue()).kinds.map(({ plural }) => plural);
    return { figures, card: modelCard({ parameters, plan: NANO_PLAN, figures, kinds }) };
  },
};

const apprentice: Starter = {
  id: 'apprentice',
  begins: 'nano',
  plan: APPRENTICE_PLAN,
  stream: createApprenticeStream,
  writeFiles: (folder) => writeModelFiles(folder, apprenticeConfig()),
  measure: async ({ model, maker, shape, parameters }) => {
    const art = await loadArt();
    const { 'two-step-counting': pairs, 'two-step-geometry': figures } = starterPlans(art);
    const plans = { 'two-step-counting': pairs, 'two-step-geometry': figures };
    const measured = await measureTwoStep(model, art, plans, maker, shape);
    // What training adds belongs to earlier weights, until it is measured again.
    return {
      figures: measured,
      card: apprenticeCard({ plan: APPRENTICE_PLAN, parameters, ...measured }, { runs: [] }),
    };
  },
};

export const STARTERS: readonly Starter[] = [nano, apprentice];

/** @throws AtelierError BAD_INPUT */
export function starterNamed(id: string): Starter {
  const found = STARTERS.find((starter) => starter.id === id);
  if (found !== undefined) return found;
  throw new AtelierError('BAD_INPUT', `There is no starter model "${id}".`, {
    remedy: `Name one of ${STARTERS.map((starter) => starter.id).join(', ')}.`,
  });
}
