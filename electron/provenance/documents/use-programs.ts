/**
 * @file How to use exported weights: the programs in `use/`, each of which asks about one picture as the run did, and the same in
 * words on the card. Everything follows from the run's records, so that `verify` can write the programs again and compare.
 */
import type { ImageOrientation, Recipe } from '../../contract/api/index.ts';
import { exampleQuestion } from '../../method/learning-tasks.ts';
import { askedAs, heaviestOf, wayOf } from '../../method/mixture.ts';
import { USE_FILE, useCommand } from '../../reporting/use-commands.ts';
import type { HubLocation } from './bundle-description.ts';

/** What an export holds: an adapter, a model for transformers, or files for llama.cpp or mlx-vlm. */
export type UseKind = 'adapter' | 'checkpoint' | 'gguf' | 'mlx';

export interface UseFacts {
  recipe: Pick<
    Recipe,
    'name' | 'promptTemplate' | 'systemPrompt' | 'maxPixels' | 'grpo' | 'rewards' | 'datasetId' | 'mixture'
  >;
  kind: UseKind;
  step: number;
  base: {
    name: string;
    /** The family as a tag on the hub, such as `qwen2-vl`. */
    tag: string;
    /** Its class in transformers. */
    architecture: string;
    /** Where the model is published; null if that is not known. */
    hub: HubLocation | null;
  };
  orientation: ImageOrientation;
}

/** Where the question stands in a rendered conversation. */
export const QUESTION_MARK = 'ATELIER-QUESTION';
/** Where llama.cpp puts a picture in. */
export const PICTURE_MARK = '<__media__>';

/** The programs by name. None holds a path, so that they run wherever the folder lies. */
export function usePrograms(facts: UseFacts): Map<string, string> {
  if (facts.kind === 'mlx') return new Map([[USE_FILE.mlx, mlxProgram(facts)]]);
  if (facts.kind !== 'gguf') return new Map([[USE_FILE.transformers, transformersProgram(facts)]]);
  return new Map([
    [USE_FILE.llamaCpp, llamaCppProgram(facts)],
    [USE_FILE.ollama, ollamaProgram(facts)],
  ]);
}

/** The card's section on use. @param withPrograms whether `use/` leaves with the weights */
export function usageText(facts: UseFacts, withPrograms: boolean): string {
  const text =
    facts.kind === 'gguf'
      ? ggufUsage(facts, withPrograms)
      : facts.kind === 'mlx'
        ? mlxUsage(facts, withPrograms)
        : transformersUsage(facts, withPrograms);
  const others = othersText(facts, withPrograms);
  return [...text, ...(others === '' ? [] : [others])].join('\n\n');
}

/** Where datasets of a mixture are asked in different words: whose words the programs have. */
function othersText({ recipe, kind }: UseFacts, withPrograms: boolean): string {
  const [first, ...others] = askedAs(recipe).each;
  if (first === undefined) return '';
  const named = (each: { name: string }): string => `\`${pythonText(each.name)}\``;
  const asks = withPrograms
    ? `These programs ${kind === 'gguf' ? 'and the `Modelfile` ' : ''}ask as the run asked ${named(first)}, its heaviest dataset`
    : `The prompt is that of ${named(first)}, the run’s heaviest dataset`;
  const list = others.map(named).join(', ');
  const how = withPrograms
    ? `put \`--ask-as NAME\` after the question to ask as for ${list}${kind === 'gguf' ? ' (with llama.cpp; a Modelfile holds one prompt)' : ''}`
    : `it asked ${list} in other words`;
  return `${asks}; ${how}.`;
}

/** A question of the kind that the run's heaviest dataset asks. */
function questionOf({ recipe }: UseFacts): string {
  return exampleQuestion(wayOf(recipe, heaviestOf(recipe)).rewards);
}

function commands(...lines: string[]): string {
  return ['```sh', ...lines, '```'].join('\n');
}

/** Where the files see a picture otherwise than training did. */
function ggufUsage(facts: UseFacts, withPrograms: boolean): string[] {
  const { recipe, orientation } = facts;
  const before = (askedAs(recipe).promptTemplate.split('{question}')[0] ?? '').trim() !== '';
  return [
    ...(withPrograms
      ? [
          'With llama.cpp or Ollama, and Python for the two lines (nothing has to be installed in it):',
          commands(useCommand(USE_FILE.llamaCpp, questionOf(facts)), useCommand(USE_FILE.ollama, questionOf(facts))),
          `The first hands \`${USE_FILE.conversation}\`, the conversation as in training, to \`llama-mtmd-cli\`. The second makes the model from \`Modelfile\`, as \`ollama create\` does, and asks it.`,
        ]
      : []),
    'llama.cpp keeps a picture’s proportions and pads it where training stretched it, so answers can differ for pictures whose sides are no multiple of a patch. `gguf-check.json` says how close the stored weights are to the trained ones.',
    'Ollama shrinks pictures by limits of its own; the program for llama.cpp gives it those of the run.',
    ...(before
      ? [
          'Ollama puts a picture directly before the question, and so after the words that come before it in this model’s prompt.',
        ]
      : []),
    ...(orientation === 'upright'
      ? ['Neither turns a photograph as its EXIF orientation says; training did. Turn it before you ask.']
      : []),
  ];
}

function mlxUsage(facts: UseFacts, withPrograms: boolean): string[] {
  const { orientation } = facts;
  return [
    `With mlx-vlm on an Apple computer (\`pip install mlx-vlm\`; tried with 0.7.10)${withPrograms ? ':' : '.'}`,
    ...(withPrograms ? [commands(useCommand(USE_FILE.mlx, questionOf(facts)))] : []),
    '`mlx-check.json` says what was found when the weights were read back.',
    ...(orientation === 'upright'
      ? []
      : [
          'mlx-vlm turns a photograph as its EXIF orientation says; training did not. Remove the orientation before you ask.',
        ]),
  ];
}

/** A Python program that loads the weights and asks one question. It needs torch, transformers, peft and pillow. */
function transformersUsage(facts: UseFacts, withPrograms: boolean): string[] {
  const { base, kind } = facts;
  const place = base.hub === null ? `PATH/TO/${base.name}` : base.hub.id;
  const revision = (base.hub?.revision ?? null) === null ? '' : `, revision=${JSON.stringify(base.hub?.revision)}`;
  const lines = [
    ...importsOf(facts, 'PeftModel'),
    '',
    ...(kind === 'adapter' ? [`BASE = ${pythonText(place)}  # the base model`] : []),
    'FOLDER = "."  # this folder',
    'PICTURE = "picture.png"',
    `QUESTION = ${pythonText(questionOf(facts))}`,
    `PROMPT = ${pythonText(askedAs(facts.recipe).promptTemplate)}.replace("{question}", QUESTION)`,
    ...systemLine(facts.recipe),
    '',
    ...loadingLines(facts, revision),
    '',
    ...pictureLines(facts),
    ...answeringLines(facts),
  ];
  const own = withPrograms
    ? [
        `\`${USE_FILE.transformers}\` asks about one picture:`,
        commands(
          useCommand(USE_FILE.transformers, questionOf(facts)) +
            (kind === 'adapter' && base.hub === null ? ' BASE_MODEL' : ''),
        ),
      ]
    : [];
  return [...own, `${needs(facts)}:`, `\`\`\`python\n${lines.join('\n')}\n\`\`\``];
}

function needs({ kind }: UseFacts): string {
  const adapter = kind === 'adapter';
  return `Python with \`torch\`, \`transformers\`${adapter ? ', `peft`' : ''} and \`pillow\` (tried with transformers 5.18${adapter ? ' and PEFT 0.21' : ''})`;
}

/** `python use/ask_with_transformers.py PICTURE QUESTION`. */
function transformersProgram(facts: UseFacts): string {
  const { recipe } = facts;
  const adapter = facts.kind === 'adapter';
  const base = adapter
    ? ['', "BASE_MODEL is the base model's folder or its id on the hub; without it, adapter_config.json says which."]
    : [];
  const packages = `torch transformers${adapter ? ' peft' : ''} pillow`;
  return program([
    `"""Asks this model about a picture, as in training: python ${USE_FILE.transformers} PICTURE QUESTION${adapter ? ' [BASE_MODEL]' : ''}${askAsOption(recipe)}`,
    '',
    `Needs ${needs(facts).replaceAll('`', '')}.`,
    ...base,
    ...askAsHelp(recipe),
    '"""',
    'import pathlib',
    'import sys',
    '',
    ...argumentLines(recipe, promptsTable(recipe), adapter ? '2 <= len(WORDS) <= 3' : 'len(WORDS) == 2'),
    'FOLDER = pathlib.Path(__file__).resolve().parent.parent',
    ...importing(['import torch', ...importsOf(facts, 'PeftConfig, PeftModel')], packages),
    ...promptLines(recipe),
    ...systemLine(recipe),
    '',
    ...reading(pictureLines(facts)),
    ...orStop(
      [
        ...(adapter
          ? [
              'base = PeftConfig.from_pretrained(FOLDER)',
              'BASE = WORDS[2] if len(WORDS) > 2 else base.base_model_name_or_path',
              'REVISION = None if len(WORDS) > 2 else base.revision',
            ]
          : []),
        ...loadingLines(facts, ', revision=REVISION'),
      ],
      'Exception',
      `${adapter ? 'The base model and this adapter' : 'The model'} cannot be loaded: {(str(error) or repr(error)).strip().splitlines()[0]}`,
    ),
    '',
    ...answeringLines(facts),
  ]);
}

function askAsOption(recipe: UseFacts['recipe']): string {
  return askedAs(recipe).each.length === 0 ? '' : ' [--ask-as NAME]';
}

function askAsHelp(recipe: UseFacts['recipe']): string[] {
  const [first] = askedAs(recipe).each;
  if (first === undefined) return [];
  return [
    '',
    'The run asked its datasets in different words. --ask-as takes the name of a dataset; without it, this asks as for the',
    `heaviest, ${pythonText(first.name)}.`,
  ];
}

/** The names of the datasets with their words, where these differ. */
function promptsTable(recipe: UseFacts['recipe']): string[] {
  const { each } = askedAs(recipe);
  if (each.length === 0) return [];
  return [
    'PROMPTS = {',
    ...each.map(({ name, promptTemplate }) => `    ${pythonText(name)}: ${pythonText(promptTemplate)},`),
    '}',
  ];
}

function promptLines(recipe: UseFacts['recipe']): string[] {
  const { promptTemplate, each } = askedAs(recipe);
  const template = each.length === 0 ? pythonText(promptTemplate) : 'PROMPTS[AS]';
  return [`PROMPT = ${template}.replace("{question}", QUESTION)`];
}

function systemLine({ systemPrompt }: Pick<Recipe, 'systemPrompt'>): string[] {
  return systemPrompt === undefined ? [] : [`SYSTEM = ${pythonText(systemPrompt)}`];
}

/**
 * The lines that read the command line.
 * @param table what sets PROMPTS, whose names `--ask-as` takes
 * @param right what holds of WORDS if their number is right
 */
function argumentLines(recipe: UseFacts['recipe'], table: readonly string[], right: string): string[] {
  const [first] = askedAs(recipe).each;
  const plain = [`if not ${right}:`, '    sys.exit(__doc__)', 'PICTURE, QUESTION = WORDS[:2]'];
  if (first === undefined) return ['WORDS = sys.argv[1:]', ...plain];
  return [
    '# How the run asked each dataset, the heaviest first.',
    ...table,
    `WORDS, AS = sys.argv[1:], ${pythonText(first.name)}`,
    'if "--ask-as" in WORDS:',
    '    at = WORDS.index("--ask-as")',
    '    if at + 1 == len(WORDS):',
    '        sys.exit(f"--ask-as lacks the name of a dataset, one of: {\', \'.join(PROMPTS)}.")',
    '    AS = WORDS[at + 1]',
    '    del WORDS[at : at + 2]',
    ...plain,
    'if AS not in PROMPTS:',
    '    sys.exit(f"--ask-as takes one of: {\', \'.join(PROMPTS)}.")',
  ];
}

/** Lines in a `try` that ends the program with one sentence. */
function orStop(lines: readonly string[], error: string, sentence: string): string[] {
  return ['try:', ...lines.map((line) => `    ${line}`), `except ${error} as error:`, `    sys.exit(f"${sentence}")`];
}

function importing(lines: readonly string[], packages: string): string[] {
  return orStop(lines, 'ImportError', `{error}. This program needs: pip install ${packages}`);
}

/** Before the model is loaded, which takes long. */
function reading(lines: readonly string[]): string[] {
  return orStop(lines, 'OSError', '{PICTURE} cannot be read as a picture: {error}');
}

/** The same where Python has no library for pictures: by the first bytes. */
function sniffing(kinds: Readonly<Record<string, string>>): string[] {
  return [
    ...reading(['PIXELS = pathlib.Path(PICTURE).read_bytes()']),
    `if not PIXELS.startswith((${Object.values(kinds).join(', ')})):`,
    `    sys.exit(f"{PICTURE} is not a picture that this program takes (${Object.keys(kinds).join(', ')}).")`,
  ];
}

function importsOf({ base, kind, orientation }: UseFacts, peft: string): string[] {
  return [
    orientation === 'upright' ? 'from PIL import Image, ImageOps' : 'from PIL import Image',
    `from transformers import AutoImageProcessor, AutoTokenizer, ${base.architecture}`,
    ...(isTiled(base) ? ['from transformers.models.smolvlm.processing_smolvlm import get_image_prompt_string'] : []),
    ...(kind === 'adapter' ? [`from peft import ${peft}`] : []),
  ];
}

function isTiled({ tag }: UseFacts['base']): boolean {
  return tag === 'smolvlm' || tag === 'idefics3';
}

/** The lines that load model, tokenizer and what prepares pictures, once FOLDER and BASE (of an adapter) are known. */
function loadingLines({ recipe, base, kind }: UseFacts, revision: string): string[] {
  return kind === 'adapter'
    ? [
        `model = ${base.architecture}.from_pretrained(BASE${revision})`,
        'model = PeftModel.from_pretrained(model, FOLDER).eval()',
        `tokenizer = AutoTokenizer.from_pretrained(BASE${revision})`,
        // The folder's own settings have the run's limit of pixels; the base model's do not.
        recipe.maxPixels === undefined
          ? `images = AutoImageProcessor.from_pretrained(BASE${revision})`
          : 'images = AutoImageProcessor.from_pretrained(FOLDER)',
      ]
    : [
        `model = ${base.architecture}.from_pretrained(FOLDER).eval()`,
        'tokenizer = AutoTokenizer.from_pretrained(FOLDER)',
        'images = AutoImageProcessor.from_pretrained(FOLDER)',
      ];
}

function pictureLines({ orientation }: UseFacts): string[] {
  const upright = orientation === 'upright';
  return [
    ...(upright ? ['# Turned as its EXIF orientation says, as in training.'] : []),
    `picture = ${upright ? 'ImageOps.exif_transpose(Image.open(PICTURE))' : 'Image.open(PICTURE)'}.convert("RGB")`,
  ];
}

/** The lines that ask, once everything is loaded and PROMPT (and SYSTEM) are known. */
function answeringLines({ recipe, base }: UseFacts): string[] {
  const tiled = isTiled(base);
  return [
    ...(tiled
      ? [
          'pixels = images([picture], return_tensors="pt", return_row_col_info=True)',
          'rows, columns = pixels.pop("rows")[0][0], pixels.pop("cols")[0][0]',
        ]
      : ['pixels = images(picture, return_tensors="pt")']),
    ...chatLines(recipe),
    'text = tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)',
    ...(tiled
      ? [
          '# Every tile of the picture, and the whole once more.',
          'side = images.max_image_size["longest_edge"] // model.config.vision_config.patch_size',
          'tokens = (side // model.config.scale_factor) ** 2',
          'marks = ("<fake_token_around_image>", "<image>", "<global-img>")',
          'text = text.replace("<image>", get_image_prompt_string(rows, columns, tokens, *marks))',
          'inputs = tokenizer(text, return_tensors="pt", add_special_tokens=False)',
        ]
      : [
          '# One image token for each patch that the model sees.',
          'patches = int(pixels["image_grid_thw"].prod()) // images.merge_size**2',
          'text = text.replace("<|image_pad|>", "<|image_pad|>" * patches)',
          'inputs = tokenizer(text, return_tensors="pt")',
          'kinds = (inputs["input_ids"] == model.config.image_token_id).int()',
        ]),
    `answer = model.generate(**inputs, **pixels, ${tiled ? '' : 'mm_token_type_ids=kinds, '}max_new_tokens=${recipe.grpo.maxCompletionLength}, do_sample=False)`,
    'print(tokenizer.decode(answer[0, inputs["input_ids"].shape[1]:], skip_special_tokens=True))',
  ];
}

/** `python use/ask_with_mlx_vlm.py PICTURE QUESTION`. */
function mlxProgram({ recipe }: UseFacts): string {
  return program([
    `"""Asks this model about a picture, as in training: python ${USE_FILE.mlx} PICTURE QUESTION${askAsOption(recipe)}`,
    '',
    'Needs Python with mlx-vlm (tried with 0.7.10).',
    ...askAsHelp(recipe),
    '"""',
    'import pathlib',
    'import sys',
    '',
    ...argumentLines(recipe, promptsTable(recipe), 'len(WORDS) == 2'),
    'FOLDER = pathlib.Path(__file__).resolve().parent.parent',
    ...importing(
      [
        'from PIL import Image',
        'from mlx_vlm import generate, load',
        'from mlx_vlm.tokenizer_utils import NaiveStreamingDetokenizer',
      ],
      'mlx-vlm',
    ),
    ...promptLines(recipe),
    ...systemLine(recipe),
    '',
    ...reading(['Image.open(PICTURE).load()']),
    ...orStop(
      ['model, processor = load(str(FOLDER))'],
      'Exception',
      'The model cannot be loaded: {(str(error) or repr(error)).strip().splitlines()[0]}',
    ),
    ...chatLines(recipe),
    'tokenizer = getattr(processor, "tokenizer", processor)',
    '# Right for every tokenizer, also where added tokens hold spaces.',
    'processor.detokenizer = NaiveStreamingDetokenizer(tokenizer)',
    'text = tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)',
    `answer = generate(model, processor, text, image=[PICTURE], max_tokens=${recipe.grpo.maxCompletionLength}, temperature=0.0)`,
    'print(answer.text.strip())',
  ]);
}

function chatLines({ systemPrompt }: Pick<Recipe, 'systemPrompt'>): string[] {
  return [
    'content = [{"type": "image"}, {"type": "text", "text": PROMPT}]',
    ...(systemPrompt === undefined
      ? ['chat = [{"role": "user", "content": content}]']
      : [
          'system = [{"type": "text", "text": SYSTEM}]',
          'chat = [{"role": "system", "content": system}, {"role": "user", "content": content}]',
        ]),
  ];
}

/** `python use/ask_with_llama_cpp.py PICTURE QUESTION`. */
function llamaCppProgram({ recipe }: UseFacts): string {
  const asked = `ASKED = json.loads((FOLDER / ${JSON.stringify(USE_FILE.conversation)}).read_text(encoding="utf-8"))`;
  const several = askedAs(recipe).each.length > 0;
  return program([
    `"""Asks this model about a picture, as in training: python ${USE_FILE.llamaCpp} PICTURE QUESTION${askAsOption(recipe)}`,
    '',
    "Needs llama.cpp's llama-mtmd-cli on the PATH, of 2026 or newer.",
    ...askAsHelp(recipe),
    '"""',
    'import json',
    'import pathlib',
    'import shutil',
    'import subprocess',
    'import sys',
    '',
    'FOLDER = pathlib.Path(__file__).resolve().parent.parent',
    asked,
    ...argumentLines(recipe, ['PROMPTS = ASKED["texts"]'], 'len(WORDS) == 2'),
    ...sniffing(LLAMA_PICTURES),
    'if shutil.which("llama-mtmd-cli") is None:',
    '    sys.exit("There is no llama-mtmd-cli on the PATH: install llama.cpp, or add its folder to the PATH.")',
    'MODEL, MMPROJ = (str(next(FOLDER.glob(f"{kind}-*.gguf"))) for kind in ("model", "mmproj"))',
    `# The whole conversation, with ${PICTURE_MARK} where the picture stands. The template hands it on as it is.`,
    `TEXT = ${several ? 'PROMPTS[AS]' : 'ASKED["text"]'}.replace("${QUESTION_MARK}", QUESTION)`,
    'command = ["llama-mtmd-cli", "-m", MODEL, "--mmproj", MMPROJ, "--image", PICTURE]',
    'command += ["--jinja", "--chat-template", "{{ messages[-1].content }}", "--no-escape", "-p", TEXT]',
    `command += ["-n", "${recipe.grpo.maxCompletionLength}", "--temp", "0", "--repeat-penalty", "1"]`,
    'for limit in ("image-min-tokens", "image-max-tokens"):',
    '    if ASKED[limit] is not None:',
    '        command += [f"--{limit}", str(ASKED[limit])]',
    'done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", errors="replace")',
    'print(done.stdout.strip() if done.returncode == 0 else done.stderr)',
    'sys.exit(done.returncode)',
  ]);
}

/** `python use/ask_with_ollama.py PICTURE QUESTION`. */
function ollamaProgram({ recipe, step }: UseFacts): string {
  const [first] = askedAs(recipe).each;
  return program([
    `"""Makes the model in Ollama and asks it about a picture, as in training: python ${USE_FILE.ollama} PICTURE QUESTION [ADDRESS]`,
    '',
    'Needs Ollama, running on this machine or at ADDRESS. Prompt and system prompt are in the Modelfile.',
    ...(first === undefined
      ? []
      : [
          '',
          'The run asked its datasets in different words. A Modelfile has one prompt: that of the heaviest dataset,',
          `${pythonText(first.name)}. ask_with_llama_cpp.py can ask in the others.`,
        ]),
    '"""',
    'import base64',
    'import json',
    'import pathlib',
    'import shutil',
    'import subprocess',
    'import sys',
    'import urllib.request',
    '',
    'if not 3 <= len(sys.argv) <= 4:',
    '    sys.exit(__doc__)',
    'PICTURE, QUESTION = sys.argv[1:3]',
    ...sniffing(OLLAMA_PICTURES),
    'if shutil.which("ollama") is None:',
    '    sys.exit("There is no ollama on the PATH: install Ollama, or add its folder to the PATH.")',
    'FOLDER = pathlib.Path(__file__).resolve().parent.parent',
    'ADDRESS = sys.argv[3] if len(sys.argv) > 3 else "http://127.0.0.1:11434"',
    `NAME = "${ollamaName(recipe.name, step)}"`,
    'if subprocess.run(["ollama", "create", NAME, "-f", str(FOLDER / "Modelfile")], cwd=FOLDER).returncode != 0:',
    '    sys.exit("Ollama did not make the model. Is it running? `ollama serve` starts it.")',
    'picture = base64.b64encode(PIXELS).decode()',
    `options = {"temperature": 0, "repeat_penalty": 1, "num_predict": ${recipe.grpo.maxCompletionLength}}`,
    'question = {"model": NAME, "prompt": QUESTION, "images": [picture], "stream": False, "options": options}',
    'request = urllib.request.Request(f"{ADDRESS}/api/generate", json.dumps(question).encode())',
    ...orStop(
      ['print(json.load(urllib.request.urlopen(request))["response"].strip())'],
      'OSError',
      'Ollama at {ADDRESS} did not answer: {error}',
    ),
  ]);
}

/** The first bytes of each kind of picture, as Python writes them. */
const LLAMA_PICTURES = { JPEG: String.raw`b"\xff\xd8"`, PNG: String.raw`b"\x89PNG"`, GIF: 'b"GIF8"', BMP: 'b"BM"' };
const OLLAMA_PICTURES = { JPEG: LLAMA_PICTURES.JPEG, PNG: LLAMA_PICTURES.PNG, WebP: 'b"RIFF"' };

/** Ollama allows few characters, in lower case. */
function ollamaName(name: string, step: number): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 48)
    .replace(/-+$/, '');
  return `${plain === '' ? 'model' : plain}-step-${String(step)}`;
}

function program(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}

/** A Python string literal; JSON's escapes are Python's as well. It cannot end the code block. */
function pythonText(text: string): string {
  return JSON.stringify(text).replaceAll('`', '\\u0060');
}
