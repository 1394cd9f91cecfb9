/** @file The texts of a job folder: README, start script, launcher files, Dockerfile. They name no path of this machine. */
import type { Launcher } from '../../contract/model/handoffs.ts';
import type { Recipe } from '../../contract/model/recipe.ts';
import type { Handoff } from '../../contract/model/handoffs.ts';
import type { LedgerReport } from '../../contract/model/ledger.ts';
import { bytes } from '../../reporting/figures.ts';
import { counted } from '../../method/counted.ts';
import { sharesText } from '../../method/mixture.ts';

/** What the texts say about a job. */
export interface JobFacts {
  id: string;
  name: string;
  /** One, or those of an experiment with the names of their folders. */
  recipes: readonly { recipe: Recipe; child: string | null }[];
  samples: number;
  images: number;
  modelName: string;
  modelIncluded: boolean;
  ledger: readonly { purpose: string; verdict: string; sentence: string }[];
  launcher: Launcher;
  /** Exact version of torch; the only package whose build the person chooses. */
  torch: string;
  dataBytes: number;
}

/** Name → text, and whether the file is a program. */
export type JobText = { text: string; executable?: true };

/** The ledger's verdicts as a job states them. */
export function verdictsOf({ purposes }: LedgerReport): Handoff['ledger'] {
  return purposes.map(({ purpose, verdict, sentence }) => ({ purpose, verdict, sentence }));
}

export function jobTexts(facts: JobFacts): Map<string, JobText> {
  const files = new Map<string, JobText>([
    ['README.md', { text: readme(facts) }],
    ['run.sh', { text: runScript(facts.torch), executable: true }],
    ['Dockerfile', { text: dockerfile(facts.torch) }],
    ['.dockerignore', { text: '.venv*\n**/results\n**/smoke\n' }],
  ]);
  const short = facts.id.replaceAll(/[^a-z0-9-]/gi, '-');
  switch (facts.launcher) {
    case 'shell':
      break;
    case 'slurm':
      files.set('launch/job.sbatch', { text: sbatch(short, facts.recipes) });
      break;
    case 'skypilot':
      files.set('launch/sky.yaml', { text: skypilot(short) });
      break;
    case 'ray':
      files.set('launch/submit.sh', { text: raySubmit(short), executable: true });
      break;
  }
  return files;
}

function runScript(torch: string): string {
  return `#!/usr/bin/env bash
# Installs what the job needs into .venv (once), then trains. Every option goes to train.py: ./run.sh --help
#   PYTHON=python3.12          the Python that makes the environment (3.11 to 3.13)
#   TORCH_INDEX=URL            where torch ${torch} is fetched from, for a build that suits your GPU
#   ATELIER_VENV=DIR           an environment that has everything; nothing is installed
set -euo pipefail
if [ -n "\${ATELIER_VENV:-}" ]; then
  # A relative one is seen from where you are.
  bin=$(cd "$ATELIER_VENV/bin" > /dev/null && pwd)
  cd "$(dirname "$0")"
else
  cd "$(dirname "$0")"
  bin=.venv/bin
  # Several may start at once, in an array job for example.
  exec 9>.venv.lock
  flock 9
  if [ ! -e .venv/whole ]; then
    "\${PYTHON:-python3}" -m venv --clear .venv
    "$bin/python" -m pip install \${TORCH_INDEX:+--index-url "$TORCH_INDEX"} "torch==${torch}"
    "$bin/python" -m pip install --no-deps --require-hashes -r requirements.txt
    touch .venv/whole
  fi
  exec 9>&-
fi
exec "$bin/python" train.py "$@"
`;
}

function dockerfile(torch: string): string {
  return `FROM python:3.12-slim
WORKDIR /job
COPY requirements.txt .
ARG TORCH_INDEX=
RUN python -m venv /venv \\
 && /venv/bin/pip install --no-cache-dir \${TORCH_INDEX:+--index-url "$TORCH_INDEX"} "torch==${torch}" \\
 && /venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements.txt
COPY . .
ENV ATELIER_VENV=/venv
# Mount a folder at /job/results to keep what the job writes.
ENTRYPOINT ["./run.sh"]
`;
}

function sbatch(name: string, recipes: JobFacts['recipes']): string {
  const isOne = recipes.length === 1 && recipes[0]?.child === null;
  const [array, log, child] = isOne
    ? ['', 'slurm-%j.log', '']
    : [`\n#SBATCH --array=0-${recipes.length - 1}`, 'slurm-%A_%a.log', '--child "$SLURM_ARRAY_TASK_ID" '];
  return `#!/usr/bin/env bash
#SBATCH --job-name=${name}${array}
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=8
#SBATCH --mem=32G
#SBATCH --time=24:00:00
#SBATCH --gres=gpu:1
#SBATCH --requeue
#SBATCH --output=${log}
# Submit from the job folder: sbatch launch/job.sbatch. Adapt the lines above to your cluster.
# A job that is requeued goes on from its last whole checkpoint.
set -euo pipefail
cd "$SLURM_SUBMIT_DIR"
srun ./run.sh ${child}--workers "\${SLURM_GPUS_ON_NODE:-1}"
`;
}

function skypilot(name: string): string {
  return `# sky jobs launch launch/sky.yaml   (from the job folder; set SKYPILOT_DISABLE_USAGE_COLLECTION=1 to report nothing)
name: ${name}
workdir: .
resources:
  accelerators: {L4: 1, A10G: 1, A100: 1}
  cpus: 8+
  memory: 32+
setup: |
  ./run.sh --help
run: |
  ./run.sh --workers "$SKYPILOT_NUM_GPUS_PER_NODE"
`;
}

function raySubmit(name: string): string {
  return `#!/usr/bin/env bash
# Submits the job to a Ray cluster: launch/submit.sh http://HEAD:8265 --storage DIR [--workers N] [--gpus]
# Nodes need the packages of requirements.txt, in the \`python\` that Ray finds in its PATH: name its folder there by a whole path.
# DIR must be a folder that every node can write. The results go to DIR/${name}.
set -euo pipefail
cd "$(dirname "$0")/.."
address=\${1:?Give the address of the cluster, such as http://127.0.0.1:8265}
shift
exec ray job submit --address "$address" --submission-id "${name}-$(date +%s)" --working-dir . \\
  --runtime-env-json '{"excludes": [".venv", "**/results", "**/smoke"], "env_vars": {"RAY_TRAIN_ENABLE_PRINT_PATCH": "0"}}' \\
  -- python launch/ray_train.py "$@"
`;
}

const START: Record<Launcher, string> = {
  shell: './run.sh                            # trains; run the same line again to resume',
  ray: 'launch/submit.sh http://HEAD:8265 --storage DIR   # submits to a Ray cluster; ./run.sh trains here',
  slurm: 'sbatch launch/job.sbatch            # submits to Slurm; ./run.sh trains here',
  skypilot: 'sky jobs launch launch/sky.yaml     # starts on a cloud; ./run.sh trains here',
};

const METHODS = { sft: 'SFT', grpo: 'GRPO', 'grpo-d': 'GRPO-D' } as const;

/** What the job trains, as the beginning of its README. */
function opening({ recipes, samples, images, modelName }: JobFacts): string {
  const data = `${counted(samples, 'sample')} with ${counted(images, 'image')}, from the base model ${inline(modelName)}`;
  const [first] = recipes;
  if (recipes.length === 1 && first?.child === null)
    return `A training run of Atelier, packed as a job: ${counted(first.recipe.steps, 'step')} of ${METHODS[first.recipe.method]} on
${data}. It trains a LoRA adapter with TRL and PEFT and uses the
same rewards, the same order of samples and the same KL weight at every step as Atelier would.${mixed(first.recipe)}`;
  const rows = recipes.map(
    ({ recipe, child }, index) =>
      `| ${index} | \`${child ?? ''}\` | ${METHODS[recipe.method]} | ${recipe.steps} | ${recipe.seed} |`,
  );
  return `An experiment of Atelier, packed as a job: ${recipes.length} runs on ${data}. Each trains a LoRA adapter
with TRL and PEFT and uses the same rewards, the same order of samples and the same KL weight at every step as Atelier would.

| | run | method | steps | seed |
| --- | --- | --- | --- | --- |
${rows.join('\n')}

The runs share the base model, the images and the code. What belongs to one is in \`children/RUN/\`, and so are its results.
\`./run.sh\` trains one after another; \`./run.sh --child 2\`, or its name, trains one.`;
}

/** How a mixture is drawn and judged, as a paragraph; nothing for one dataset. */
function mixed({ mixture }: Recipe): string {
  if (mixture === undefined) return '';
  const shares = sharesText(mixture.map(({ name, weight }) => ({ name: inline(name), weight })));
  const hasOwn = mixture.some(({ rewards, promptTemplate }) => rewards !== undefined || promptTemplate !== undefined);
  return `

The samples are those of ${mixture.length} datasets, which take turns by weight: ${shares} of what is drawn. In \`data/\`,
the column \`part\` holds the number of each sample's dataset: 0 is the first under \`mixture\` in the recipe.${
    hasOwn ? ' A dataset can have rewards or a prompt of its own there; they apply to its samples alone.' : ''
  }`;
}

function readme(facts: JobFacts): string {
  const { recipes, modelIncluded, ledger, launcher, torch, dataBytes } = facts;
  const isOne = recipes.length === 1 && recipes[0]?.child === null;
  const every = [...new Set(recipes.map(({ recipe }) => recipe.checkpointEvery))].join(' or ');
  return `# ${inline(facts.name)}

${opening(facts)}

## Run it

\`\`\`sh
./run.sh --smoke                    # two small steps on the CPU: is everything in place?
${START[launcher]}
\`\`\`

You need Linux on x86-64 and Python 3.11 to 3.13. The first start makes \`.venv\` and installs \`requirements.txt\`, in which every
package has its exact version and hash. torch ${torch} is installed before that, by version only, because its build depends on your
GPU: set \`TORCH_INDEX\` if the usual one does not suit it. Node for the rewards comes with \`requirements.txt\`.

Useful options: \`--workers N\` (a process for each GPU), \`--accumulate N\` (less memory), \`--dtype bfloat16\`, \`--results DIR\`.
${modelIncluded ? '' : `\nThe base model's files are **not** in this folder: give them with \`--model DIR\`. Their hashes are checked.\n`}
## What it writes

Everything goes to \`${isOne ? '' : 'children/RUN/'}results/\`. You can copy that folder while the job runs, as often as you like.

| file | what |
| --- | --- |
| \`metrics.jsonl\` | one line for each step; after a resume the last line of a step counts |
| \`completions.jsonl\` | what the model answered at each step, with every reward |
| \`checkpoints/step-…/\` | PEFT adapters. A folder with that name is whole; \`.partial\` is not |
| \`state/step-…/\` | what a resume needs: optimiser and random numbers, as safetensors and JSON |
| \`status.json\`, \`environment.json\` | how far the job is, and the versions it runs with |

No pickle is written. **If the job dies**, start it again in the same way: it goes on from the last whole checkpoint
(every ${every} steps) with the same number of workers. Delete \`results/\` to start from the beginning.

## Send it back

Whoever gave you this folder needs ${
    isOne
      ? "`results/` (without `results/state/`) next to the folder's own `manifest.json`"
      : '`manifest.json`, and of every run its own `manifest.json` and `results/` (without `results/state/`), in the same folders'
  }.
${launcher === 'ray' ? `Ray puts both into DIR/${facts.id}.\n` : ''}They run \`atelier handback DIR\`. Do not change files: \`manifest.json\` has the hash of each, \`train.py\` checks them, and so does Atelier.

## The images

\`data/\` (${bytes(dataBytes)}) holds the original bytes of the images, with whatever their files say about themselves. Each row names its
licence and authors; \`CREDITS.txt\` lists them. Images that opted out of training are not in it. The licences of images and base
model, as Atelier's ledger reads them (\`ledger.json\`; not legal advice):

${ledger.map(({ purpose, sentence }) => `- **${purpose}**: ${inline(sentence)}`).join('\n')}

## What is in the folder

\`recipe.yaml\` is the run's recipe, \`plan.json\` the KL weight of every step, \`rewards/judge.mjs\` Atelier's own reward code in one file${
    recipes.some(({ recipe }) => recipe.rewards.some(({ name }) => name === 'custom'))
      ? '.\nThis recipe has rewards that its author wrote; they run in an interpreter without files, network or clock'
      : ''
  }.
\`job/\` and \`train.py\` are the training code. \`manifest.json\` names the SHA-256 of every file.
`;
}

/** Text in a line of Markdown: no line breaks, no markup. */
function inline(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_[\]<>|#]/g, (mark) => `\\${mark}`);
}
