/** @file Turns words and images into the model's inputs, for one model folder. */
import { AtelierError } from '../../contract/errors/errors.ts';
import {
  loadChatTemplate,
  mustTakeSystem,
  withSystem,
  type ChatMessage,
  type ChatTemplate,
  type ContentPart,
} from '../../formats/chat-template.ts';
import { readCheckpointSettings } from '../../formats/checkpoint.ts';
import { decodeImage, probeImage, refuseTooLarge } from '../../formats/image-decode.ts';
import type { ModelConfig } from '../../formats/model-config.ts';
import type { Size } from '../../formats/smart-resize.ts';
import { endIdleModelText } from '../../formats/model-text.ts';
import { imageToken, loadTokenizer, type Tokenizer } from '../../formats/tokenizer.ts';
import {
  imageTokenCount,
  pictureGrids,
  processPicture,
  type ImageProcessorOptions,
  type PictureParts,
  type ProcessedImage,
} from '../model/image-processor.ts';
import { tileText } from '../../formats/picture-tiles.ts';
import { tileTokens } from '../../formats/seen-size.ts';
import { patchLayout } from '../model/patch-positions.ts';
import { ropeIndex } from '../model/positions.ts';

export interface PrepareRequest {
  /** A whole conversation; each image part names its file in `image`. */
  readonly messages?: readonly ChatMessage[];
  /** Or one question: the images, then the text, in one user turn. */
  readonly prompt?: string;
  readonly imagePaths?: readonly string[];
  /** A system message before the one question; not with `messages`. */
  readonly systemPrompt?: string | undefined;
  /** Turns the images as their EXIF orientation says, as transformers' `load_image` does; true by default. */
  readonly upright?: boolean;
  /** Ends with the opening of the assistant's turn; true by default. */
  readonly addGenerationPrompt?: boolean;
}

export interface PreparedPrompt {
  /** image_pad already repeated for every image token. Never truncated. */
  readonly inputIds: number[];
  /** [3 * T] t, h, w. */
  readonly positions: Int32Array;
  readonly delta: number;
  /** In the order of the prompt; of a picture that is cut into tiles, each is an image. */
  readonly images: ProcessedImage[];
  /** How many images each picture became. */
  readonly imagesOfPictures: number[];
  /** Rows and columns of the tiles that each picture was cut into beside the whole; zero = it was not cut. */
  readonly tilesOfPictures: readonly { rows: number; columns: number }[];
  /** The rendered text, with one image_pad per image. */
  readonly text: string;
}

export interface Processor {
  readonly tokenizer: Tokenizer;
  readonly template: ChatTemplate;
  readonly config: ModelConfig;
  readonly imageOptions: ImageProcessorOptions;
  readonly eosIds: readonly number[];
  readonly padId: number;
  /** As generation_config.json publishes it; 1 = none. */
  readonly repetitionPenalty: number;
  prepare(request: PrepareRequest): Promise<PreparedPrompt>;
  /**
   * The same prompt without pixels, from the sizes of its images alone.
   * @param sizes of the images as the model gets them; absent = as their files' headers say
   */
  measure(request: PrepareRequest, sizes?: readonly Size[]): Promise<PreparedPrompt>;
  /** The pixels of a prompt that was only measured. */
  readImages(request: PrepareRequest): Promise<ProcessedImage[]>;
  /** Gives back the memory that texts took, if it is much. Call it once all texts of a job are prepared. */
  rest(): Promise<void>;
  /** The same processor with another limit for large images. */
  limitedTo(maxPixels: number): Processor;
}

/**
 * Loads tokenizer, template and settings of a model folder (not its weights).
 * @throws AtelierError naming the file that is missing or does not match
 */
export async function createProcessor(modelDir: string): Promise<Processor> {
  const [settings, tokenizer, template] = await Promise.all([
    readCheckpointSettings(modelDir),
    loadTokenizer(modelDir),
    loadChatTemplate(modelDir),
  ]);
  const { config, generation, preprocessor } = settings;
  const imagePad = imageToken(tokenizer, config.imageTokenId, modelDir);
  const { patchSize, spatialMergeSize: mergeSize } = config.vision;
  const parts = {
    tokenizer,
    template,
    config,
    eosIds: generation.eosTokenIds,
    padId: generation.padTokenId ?? generation.eosTokenIds[0]!,
    repetitionPenalty: generation.repetitionPenalty,
  };
  return processorOf(parts, imagePad, { ...preprocessor, patchSize, mergeSize });
}

/** The thread that reads texts holds the tokenizer. With a smaller one, starting it again costs more than it takes. */
const LARGE_VOCABULARY = 50_000;

type Parts = Pick<Processor, 'tokenizer' | 'template' | 'config' | 'eosIds' | 'padId' | 'repetitionPenalty'>;

function processorOf(parts: Parts, imagePad: string, imageOptions: ImageProcessorOptions): Processor {
  const { tokenizer, template, config } = parts;
  const withImages = async (
    request: PrepareRequest,
    pictureFrom: (path: string, index: number) => Promise<PictureParts<ProcessedImage>>,
  ): Promise<PreparedPrompt> => {
    const messages = messagesOf(request);
    if (messages.some(({ role }) => role === 'system')) await mustTakeSystem(template);
    refuseWrittenImages(messages, imagePad);
    const pictures: PictureParts<ProcessedImage>[] = [];
    for (const [index, path] of imagesOf(messages).entries()) pictures.push(await pictureFrom(path, index));
    const images = pictures.flatMap((picture) => picture.images);
    const shown = messages.map((message) =>
      template.takes === 'text' ? asText(message, parts) : template.takes === 'parts' ? asParts(message) : message,
    );
    const text = await template.render(shown, { addGenerationPrompt: request.addGenerationPrompt ?? true });
    const inputIds =
      imageOptions.tiles === undefined
        ? expandImages(await tokenizer.encode(text), images, config)
        : await tokenizer.encode(withTiles(text, pictures, imagePad, imageOptions));
    const { positions, delta } = ropeIndex(
      inputIds,
      images.map((image) => image.grid),
      config,
    );
    return {
      inputIds,
      positions,
      delta,
      images,
      imagesOfPictures: pictures.map((each) => each.images.length),
      tilesOfPictures: pictures.map(({ plan }) => ({ rows: plan?.rows ?? 0, columns: plan?.columns ?? 0 })),
      text,
    };
  };
  const placed = (
    image: Pick<ProcessedImage, 'grid' | 'pixelValues'>,
    index: number,
    path: string,
    request: PrepareRequest,
  ): ProcessedImage => ({
    ...image,
    layout: patchLayout(image.grid, config.vision),
    source: imageOptions.tiles === undefined ? sourceOf(path, request) : `${sourceOf(path, request)} #${String(index)}`,
  });
  const readPicture = async (path: string, request: PrepareRequest): Promise<PictureParts<ProcessedImage>> => {
    const picture = await loadPicture(path, request.upright ?? true, imageOptions);
    return { ...picture, images: picture.images.map((image, index) => placed(image, index, path, request)) };
  };
  return {
    ...parts,
    imageOptions,
    prepare: (request) => withImages(request, (path) => readPicture(path, request)),
    readImages: async (request) => {
      const images: ProcessedImage[] = [];
      for (const path of imagesOf(messagesOf(request))) images.push(...(await readPicture(path, request)).images);
      return images;
    },
    rest: async () => {
      if (tokenizer.vocabSize >= LARGE_VOCABULARY) await endIdleModelText();
    },
    measure: (request, sizes) =>
      withImages(request, async (path, index) => {
        const size = sizes?.[index] ?? (await shownSize(path, request.upright ?? true));
        return namingFile(path, () => {
          const picture = pictureGrids(size, imageOptions);
          const images = picture.images.map((grid, part) =>
            placed({ grid, pixelValues: NO_PIXELS }, part, path, request),
          );
          return { ...picture, images };
        });
      }),
    limitedTo: (maxPixels) => processorOf(parts, imagePad, { ...imageOptions, maxPixels }),
  };
}

/** The message with its parts in one text, for templates that take nothing else. A picture is the tokens that stand for it. */
function asText(message: ChatMessage, { config, tokenizer }: Pick<Parts, 'config' | 'tokenizer'>): ChatMessage {
  if (typeof message.content === 'string') return message;
  const { visionStartTokenId, imageTokenId, visionEndTokenId } = config;
  const picture = tokenizer.decode([visionStartTokenId, imageTokenId, visionEndTokenId].filter((id) => id !== null));
  return { ...message, content: message.content.map((part) => (part.type === 'image' ? picture : part.text)).join('') };
}

/** The message as a list of parts, for templates that would drop a text. */
function asParts(message: ChatMessage): ChatMessage {
  if (typeof message.content !== 'string') return message;
  return { ...message, content: [{ type: 'text', text: message.content }] };
}

const NO_PIXELS = new Float32Array();

function sourceOf(path: string, { upright = true }: PrepareRequest): string {
  return `${upright ? 'upright' : 'stored'} ${path}`;
}

/** Size of an image as the model gets it, from its header. */
export async function shownSize(path: string, upright: boolean): Promise<Size> {
  const { width, height, orientation } = await probeImage(path);
  refuseTooLarge({ width, height }, path);
  // EXIF orientations from 5 on are rotated by a quarter turn.
  return upright && orientation >= 5 ? { width: height, height: width } : { width, height };
}

function messagesOf(request: PrepareRequest): readonly ChatMessage[] {
  if (request.messages !== undefined) return request.messages;
  const images = (request.imagePaths ?? []).map((image): ContentPart => ({ type: 'image', image }));
  const question: ChatMessage = { role: 'user', content: [...images, { type: 'text', text: request.prompt ?? '' }] };
  return withSystem(request.systemPrompt, question);
}

function imagesOf(messages: readonly ChatMessage[]): string[] {
  const parts = messages.flatMap((message) => (typeof message.content === 'string' ? [] : message.content));
  return parts.flatMap((part) => {
    if (part.type !== 'image') return [];
    if (part.image === undefined) throw new AtelierError('BAD_INPUT', 'An image in the conversation names no file.');
    return [part.image];
  });
}

/** Text that contains the image token would claim places that no image fills. */
function refuseWrittenImages(messages: readonly ChatMessage[], imagePad: string): void {
  const texts = messages.flatMap((message) =>
    typeof message.content === 'string'
      ? [message.content]
      : message.content.flatMap((part) => (part.type === 'text' ? [part.text] : [])),
  );
  if (texts.some((text) => text.includes(imagePad))) {
    throw new AtelierError('BAD_INPUT', `The text contains ${imagePad}, which stands for an image.`, {
      place: { field: 'prompt' },
      remedy: 'Remove it. Atelier inserts the images itself.',
    });
  }
}

async function loadPicture(
  path: string,
  upright: boolean,
  options: ImageProcessorOptions,
): Promise<PictureParts<ProcessedImage>> {
  const image = await decodeImage(path, { autoOrient: upright });
  return namingFile(path, () => processPicture(image, options));
}

/** The text with the tiles of each picture in its place. */
function withTiles(
  text: string,
  pictures: readonly PictureParts<ProcessedImage>[],
  imagePad: string,
  { tiles, patchSize, mergeSize }: ImageProcessorOptions,
): string {
  const pieces = text.split(imagePad);
  if (pieces.length - 1 !== pictures.length) throw unequalPlaces(pieces.length - 1, pictures.length);
  const tokens = tileTokens(tiles?.side ?? 0, (patchSize * mergeSize) ** 2);
  const texts = pictures.map(({ plan }) => tileText(plan ?? { rows: 0, columns: 0 }, imagePad, tokens));
  return pieces.map((piece, index) => piece + (texts[index] ?? '')).join('');
}

function namingFile<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof AtelierError)) throw cause;
    throw new AtelierError(cause.code, `${path}: ${cause.message}`, {
      place: { ...cause.place, file: path },
      ...(cause.remedy === undefined ? {} : { remedy: cause.remedy }),
      cause,
    });
  }
}

/** Repeats each image_pad once per token of its image. */
function expandImages(ids: readonly number[], images: readonly ProcessedImage[], config: ModelConfig): number[] {
  const merge = config.vision.spatialMergeSize;
  const expanded: number[] = [];
  let index = 0;
  for (const id of ids) {
    if (id !== config.imageTokenId) {
      expanded.push(id);
      continue;
    }
    const image = images[index++];
    const count = image === undefined ? 1 : imageTokenCount(image.grid, merge);
    for (let k = 0; k < count; k++) expanded.push(id);
  }
  if (index !== images.length) throw unequalPlaces(index, images.length);
  return expanded;
}

function unequalPlaces(places: number, images: number): AtelierError {
  return new AtelierError('BAD_INPUT', `The chat template has places for ${places} images, but ${images} were given.`, {
    place: { field: 'chat_template' },
  });
}
