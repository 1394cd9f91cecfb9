/** @file The run that a part of an experiment asks for. */
import type { Store } from '../../store/connection/open.ts';
import type { ParsedRunRequest } from '../recipes/resolve.ts';
import type { ChildSpec } from './plan.ts';

/** The request of a part's run, with its name; null for the base model, which is not trained. */
export async function childRequest(
  { datasets }: Pick<Store, 'datasets'>,
  plan: ChildSpec,
): Promise<ParsedRunRequest | null> {
  if (plan.request === null) return null;
  // Experiments planned by earlier versions say nothing about detail: their runs see as much as the checkpoint allows.
  const silent = plan.request.detail === undefined && plan.request.maxPixels === undefined;
  const dataset = plan.trainedOn === null ? '' : ` · ${(await datasets.get(plan.trainedOn)).name}`;
  const name = `${plan.label}${dataset} · seed ${plan.seed ?? ''}`.slice(0, 200);
  return { ...plan.request, ...(silent ? { detail: 'original' as const } : {}), name };
}
