/** @file What each route shows, and the menu. */
import type { Component } from 'svelte';
import { messages } from '../messages/index.ts';
import type { ParamsOf, Route, ScreenName } from '../navigation/route.ts';

const { nav } = messages;

type Screen<Name extends ScreenName> = {
  title: string;
  /** Fetched when the screen is first opened. */
  load: () => Promise<{ default: Component<ParamsOf<Name>> }>;
};

const screens: { readonly [Name in ScreenName]: Screen<Name> } = {
  home: { title: nav.home, load: () => import('../features/home/Home.svelte') },
  datasets: { title: nav.datasets, load: () => import('../features/datasets/Datasets.svelte') },
  dataset: { title: nav.datasets, load: () => import('../features/datasets/DatasetPage.svelte') },
  labels: { title: messages.labels.table, load: () => import('../features/labels/LightTablePage.svelte') },
  ledger: { title: nav.ledger, load: () => import('../features/ledger/Ledger.svelte') },
  rewards: { title: nav.rewards, load: () => import('../features/rewards/Rewards.svelte') },
  train: { title: nav.train, load: () => import('../features/train/Train.svelte') },
  runs: { title: nav.runs, load: () => import('../features/runs/Runs.svelte') },
  run: { title: nav.runs, load: () => import('../features/run/RunPage.svelte') },
  compare: { title: nav.compare, load: () => import('../features/compare/Compare.svelte') },
  evaluation: { title: messages.evaluation.title, load: () => import('../features/evaluation/EvaluationPage.svelte') },
  exam: { title: nav.exam, load: () => import('../features/exam/Exam.svelte') },
  playground: { title: nav.playground, load: () => import('../features/playground/Playground.svelte') },
  export: { title: nav.export, load: () => import('../features/export/Export.svelte') },
  receipt: { title: messages.receipt.title, load: () => import('../features/export/Receipt.svelte') },
  verify: { title: nav.verify, load: () => import('../features/verify/Verify.svelte') },
  settings: { title: nav.settings, load: () => import('../features/settings/Settings.svelte') },
};

type AnyScreen = { title: string; load: () => Promise<{ default: Component<Record<string, unknown>> }> };

/** A route as the frame shows it. Two addresses with the same `key` share one screen, which stays mounted. */
export function screenOf(
  route: Exclude<Route, { screen: 'unknown' }>,
): AnyScreen & { key: string; params: Record<string, unknown> } {
  const { screen, ...params } = route;
  // Each row takes exactly the parameters of its own route; TypeScript cannot infer that through an index.
  const row = screens[screen] as unknown as AnyScreen;
  return { ...row, key: 'id' in params ? `${screen} ${params.id ?? ''}` : screen, params };
}

/** One entry of a menu; `holds` lists the screens under it. */
export interface Entry {
  label: string;
  path: readonly string[];
  holds: readonly ScreenName[];
}

const home: Entry = { label: nav.home, path: [], holds: ['home'] };
export const settings: Entry = { label: nav.settings, path: ['settings'], holds: ['settings'] };

/** A part of the work. Its name in the bar leads to `opens`, the first of its entries unless it says otherwise. */
export interface Stage {
  name: StageName;
  entries: readonly [Entry, ...Entry[]];
  opens?: readonly string[];
}

export type StageName = keyof typeof messages.stages.names;

/** The stages, in the order of the work. */
export const stages: readonly Stage[] = [
  {
    name: 'pictures',
    entries: [{ label: nav.datasets, path: ['datasets'], holds: ['datasets', 'dataset', 'labels'] }],
  },
  { name: 'rights', entries: [{ label: nav.ledger, path: ['ledger'], holds: ['ledger'] }] },
  {
    name: 'teach',
    entries: [
      { label: nav.rewards, path: ['rewards'], holds: ['rewards'] },
      { label: nav.train, path: ['train'], holds: ['train'] },
    ],
    opens: ['train'],
  },
  {
    name: 'results',
    entries: [
      { label: nav.runs, path: ['runs'], holds: ['runs', 'run'] },
      { label: nav.compare, path: ['compare'], holds: ['compare', 'evaluation'] },
      { label: nav.exam, path: ['exam'], holds: ['exam'] },
      { label: nav.playground, path: ['playground'], holds: ['playground'] },
    ],
  },
  {
    name: 'share',
    entries: [
      { label: nav.export, path: ['export'], holds: ['export', 'receipt'] },
      { label: nav.verify, path: ['verify'], holds: ['verify'] },
    ],
  },
];

/** Where a stage's name leads. */
export function doorOf({ entries, opens }: Stage): readonly string[] {
  return opens ?? entries[0].path;
}

export function isUnder(entry: Entry, screen: Route['screen']): boolean {
  return entry.holds.some((name) => name === screen);
}

/** The stage that a screen is in; undefined for Home, Settings and unknown addresses. */
export function stageOf(screen: Route['screen']): Stage | undefined {
  return stages.find(({ entries }) => entries.some((entry) => isUnder(entry, screen)));
}

/** All entries, in workflow order. */
export const menu: readonly Entry[] = [home, ...stages.flatMap(({ entries }) => entries), settings];
