/** @file What the datasets that Atelier brings are called; who adds one may give it another name, such as the German one. */
import type { StarterData, TaskStarter } from '../contract/model/primitives.ts';

export const STARTER_NAMES: Readonly<Record<StarterData | TaskStarter, string>> = {
  counting: 'Counting (starter)',
  geometry: 'Geometry (starter)',
  'two-step-counting': 'Two-step counting (starter)',
  'two-step-geometry': 'Two-step geometry (starter)',
  'choose-one': 'Choose one (example)',
  'yes-no': 'Yes or no (example)',
  'short-answer': 'Short answers (example)',
  tags: 'Tags (example)',
  transcribe: 'Labels to read (example)',
  'extract-fields': 'Fields of labels (example)',
  order: 'Order by size (example)',
  describe: 'Descriptions (example)',
  'find-box': 'Boxes to draw (example)',
  'find-point': 'Things to point at (example)',
};
