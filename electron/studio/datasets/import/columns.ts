/** @file Determines what each column of a table holds: as the user specifies, or by its usual name. */
import type { ColumnMapping } from '../../../contract/model/datasets.ts';
import { ANSWER_ORIGIN } from '../../../method/answer-origin.ts';
import { AtelierError } from '../../../contract/errors/errors.ts';

type Field = keyof ColumnMapping;

/** Usual names, most specific first; compared ignoring case, with `-` and spaces treated as `_`. */
const KNOWN_NAMES: Record<Field, readonly string[]> = {
  image: ['file_name', 'filename', 'image', 'image_path', 'image_file', 'image_name', 'images', 'img', 'file', 'path'],
  prompt: [
    'question',
    'problem',
    'prompt',
    'instruction',
    'query',
    'conversations',
    'messages',
    'conversation',
    'texts',
  ],
  answer: [
    'answer',
    'solution',
    'label',
    'ground_truth',
    'reference',
    'response',
    'completion',
    'output',
    'caption',
    'conversations',
    'messages',
    'conversation',
    'texts',
    'folder',
  ],
  task: ['task', 'task_type'],
  split: ['split'],
  licence: ['licence', 'license'],
  author: ['author', 'authors', 'creator', 'creators', 'artist', 'photographer'],
  source: ['sources', 'source', 'source_url', 'url'],
  title: ['title'],
};

/**
 * Usual names in German, French, Spanish, Italian, Portuguese, Dutch, Polish, Russian, Chinese and Japanese. If a table
 * has both, the English name wins.
 */
const FOREIGN_NAMES: Partial<Record<Field, readonly string[]>> = {
  image: [
    ...['bild', 'bilddatei', 'datei', 'dateiname', 'foto'],
    ...['fichier', 'nom_de_fichier', 'photo'],
    ...['imagen', 'archivo', 'nombre_de_archivo', 'fichero'],
    ...['immagine', 'file_immagine', 'nome_file'],
    ...['imagem', 'arquivo', 'ficheiro', 'nome_do_arquivo'],
    ...['afbeelding', 'bestand', 'bestandsnaam'],
    ...['obraz', 'obrazek', 'plik', 'nazwa_pliku', 'zdjęcie'],
    ...['изображение', 'картинка', 'файл', 'имя_файла'],
    ...['图片', '图像', '圖片', '圖像', '文件名', '檔名'],
    ...['画像', '写真', 'ファイル', 'ファイル名'],
  ],
  prompt: [
    ...['frage', 'fragestellung', 'aufgabe'],
    ...['pregunta'],
    ...['domanda'],
    ...['pergunta', 'questão'],
    ...['vraag'],
    ...['pytanie'],
    ...['вопрос'],
    ...['问题', '問題', '提问'],
    ...['質問'],
  ],
  answer: [
    ...['antwort', 'lösung', 'loesung'],
    ...['réponse', 'reponse'],
    ...['respuesta', 'solución'],
    ...['risposta', 'soluzione'],
    ...['resposta', 'solução'],
    ...['antwoord', 'oplossing'],
    ...['odpowiedź', 'odpowiedz'],
    ...['ответ'],
    ...['答案', '回答', '答え', '解答'],
  ],
  author: [
    ...['autor', 'autorin', 'urheber', 'künstler', 'künstlerin', 'fotograf'],
    ...['auteur', 'artiste'],
    ...['autora', 'artista'],
    ...['autore'],
    ...['автор', '作者'],
  ],
  licence: ['lizenz', 'licencia', 'licenza', 'licença', 'licentie', 'licencja', 'лицензия', '许可证', 'ライセンス'],
  source: ['quelle', 'fuente', 'fonte', 'bron', 'źródło', 'источник', '来源', '出典'],
  title: ['titel', 'titre', 'título', 'titulo', 'titolo', 'tytuł', 'название', '标题', '標題', 'タイトル'],
};

/** A conversation holds both the question and the answer in one column. */
const CONVERSATIONS = new Set(['conversations', 'messages', 'conversation', 'texts']);

const FIELDS = Object.keys(KNOWN_NAMES) as Field[];
const REQUIRED: readonly Field[] = ['image', 'prompt', 'answer'];
const MEANING: Record<Field, string> = {
  image: 'the image file',
  prompt: 'the question',
  answer: 'the answer',
  task: 'the task',
  split: 'the split',
  licence: 'the licence',
  author: 'the author',
  source: 'the source',
  title: 'the title of the picture',
};

/** Columns that no field of the mapping uses and that also say where an image came from, most specific first. */
export function otherSourceColumns(columns: readonly string[], mapping: ColumnMapping): string[] {
  const taken = new Set(Object.values(mapping));
  return [...KNOWN_NAMES.source, ...(FOREIGN_NAMES.source ?? [])].flatMap(
    (known) => columns.find((column) => plainColumn(column) === known && !taken.has(column)) ?? [],
  );
}

/** Columns that belong to a question, an answer or a folder, and are read or mentioned elsewhere. */
const READ_ELSEWHERE = new Set(['folder', 'input', 'history', 'system', 'paraphrases', ANSWER_ORIGIN]);
const NAMED_UNREAD = 12;

/** One sentence that names the columns that are read as nothing; none if every column is read. */
export function unreadColumns(
  columns: readonly string[],
  mapping: ColumnMapping,
  isRead: (column: string) => boolean,
): string[] {
  const taken = new Set([...Object.values(mapping), ...otherSourceColumns(columns, mapping)]);
  const unread = columns.filter(
    (column) => !taken.has(column) && !READ_ELSEWHERE.has(plainColumn(column)) && !isRead(column),
  );
  if (unread.length === 0) return [];
  const named = unread.slice(0, NAMED_UNREAD).map((column) => JSON.stringify(column));
  const more = unread.length > NAMED_UNREAD ? ` and ${unread.length - NAMED_UNREAD} more` : '';
  return [
    unread.length === 1
      ? `The column ${named.join('')} was not read. Its values are kept with the rows, but say nothing about licence, author or training.`
      : `The columns ${named.join(', ')}${more} were not read. Their values are kept with the rows, but say nothing about licence, author or training.`,
  ];
}

/** The columns that the user specified; absent or undefined fields are detected. */
export type GivenColumns = { [Key in Field]?: string | undefined };

/** The recognised columns together with those the user specified. A field without a column is absent. */
export function recogniseColumns(columns: readonly string[], given: GivenColumns): GivenColumns {
  const mapping: GivenColumns = {};
  for (const field of FIELDS) if (given[field] !== undefined) mapping[field] = given[field];
  for (const field of FIELDS) {
    if (mapping[field] !== undefined) continue;
    const taken = new Set(Object.values(mapping));
    const isFree = (column: string): boolean =>
      !taken.has(column) || (field === 'answer' && column === mapping.prompt && CONVERSATIONS.has(plainColumn(column)));
    const name = [...KNOWN_NAMES[field], ...(FOREIGN_NAMES[field] ?? [])]
      .map((known) => columns.find((column) => plainColumn(column) === known && isFree(column)))
      .find((column) => column !== undefined);
    if (name !== undefined) mapping[field] = name;
  }
  return mapping;
}

/**
 * Returns one sentence, with the choices, for each of question and answer that another column could also hold. Columns
 * that the user named are not questioned.
 */
export function ambiguousColumns(columns: readonly string[], mapping: ColumnMapping, given: GivenColumns): string[] {
  const taken = new Set(Object.values(mapping));
  return (['prompt', 'answer'] as const).flatMap((field) => {
    const chosen = mapping[field];
    if (given[field] !== undefined || chosen === '') return [];
    const names = new Set([...KNOWN_NAMES[field], ...(FOREIGN_NAMES[field] ?? [])]);
    const others = columns.filter(
      (column) => names.has(plainColumn(column)) && !taken.has(column) && column !== 'folder',
    );
    if (others.length === 0) return [];
    const choices = others.map((column) => `"${column}"`).join(' or ');
    return [
      `The column "${chosen}" was taken for ${MEANING[field]}; ${choices} could be meant too. If so, name that column as ${MEANING[field]}.`,
    ];
  });
}

/**
 * Returns the mapping for a table with these columns. A name that the user gave must exist; every other field takes the
 * first column with a usual name that no other field uses. Fields in `fixed` need no column and get ''.
 * @throws AtelierError BAD_INPUT that lists the existing columns
 */
export function detectColumns(
  columns: readonly string[],
  given: GivenColumns,
  table: string,
  fixed: readonly Field[] = [],
): ColumnMapping {
  const there = `The columns are: ${columns.join(', ')}.`;
  for (const field of FIELDS) {
    const name = given[field];
    if (name === undefined || columns.includes(name)) continue;
    throw new AtelierError('BAD_INPUT', `${table} has no column "${name}" for ${MEANING[field]}. ${there}`, {
      place: { file: table, field },
      remedy: `Name one of these columns as the column of ${MEANING[field]}.`,
    });
  }
  const mapping = recogniseColumns(columns, given);
  for (const field of REQUIRED) {
    if (mapping[field] !== undefined) continue;
    if (fixed.includes(field)) {
      mapping[field] = '';
      continue;
    }
    throw new AtelierError('BAD_INPUT', `No column of ${table} could be recognised as ${MEANING[field]}. ${there}`, {
      place: { file: table, field },
      remedy:
        field === 'prompt'
          ? `Say which column holds the question, or give one question for all images.`
          : `Say which column holds ${MEANING[field]}, or call it "${KNOWN_NAMES[field][0] ?? ''}".`,
    });
  }
  return Object.fromEntries(Object.entries(mapping).filter(([, name]) => name !== undefined)) as ColumnMapping;
}

/** A column's name as known names are written: lower case, with `_` for spaces and `-`. */
export function plainColumn(column: string): string {
  return column
    .trim()
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_');
}
