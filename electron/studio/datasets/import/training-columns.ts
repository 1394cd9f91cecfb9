/**
 * @file Columns of a table that are about training alone: `opt_out: true`, `ai_training: no`. The name says what a yes
 * means. A value that is not understood leaves the image out, since a missed opt-out would mean use.
 */
import type { Signal } from '../../../contract/model/signals.ts';
import { makeSignal } from '../../../provenance/signals/make-signal.ts';
import { signalsOfWords } from '../../../provenance/signals/words-signal.ts';

/** What a yes means in a column: a prohibition, or a permission. */
export type TrainingSense = 'forbids' | 'allows';

const WHO = '(?:is|has|the|artist|author|creator|owner|user|image|photo|picture|data|rights|dataset)*';
const TOPIC =
  '(?:gen(?:erative)?ai|image(?:gen)?ai|ai|ml|ki|ia|llm|machinelearning|model|tdm|textand(?:data)?mining|textdatamining|datamining|mining|train(?:ing)?|scrap(?:e|ing))';
const ABOUT = `(?:${TOPIC}|use|usage|nutzung|purposes?|only|and|or)*`;
const FOR = '(?:be|used?|for|from|of|to|by|in|with|on|as)*';
const LINK = '(?:is|are|not|be)*';

const FORBIDS = [
  `${WHO}${ABOUT}opt(?:s|ed|ing)?out${FOR}${ABOUT}(?:flag|requested|list)?`,
  `no(?:t(?:for|to))?${FOR}${TOPIC}${ABOUT}`,
  `(?:donot|dont|never|maynot|mustnot|cannot|notallowed|notpermitted|notto)${FOR}${TOPIC}${ABOUT}`,
  `${WHO}${TOPIC}${ABOUT}(?:rights?)?reserv(?:ed|ations?)`,
  `${WHO}${TOPIC}${ABOUT}${LINK}(?:not(?:allowed|permitted)|forbidden|prohibited|disallow(?:ed)?|den(?:y|ied)|block(?:ed)?|refused?|exclu(?:de|ded|sion)|restricted|ban(?:ned)?|verboten|untersagt|ausgeschlossen)`,
  `(?:forbid|prohibit|disallow|block|deny|denie|exclude|ban|restrict|refuse|withhold)(?:s|d|ed|den)?${FOR}${TOPIC}${ABOUT}`,
  `(?:kein|keine|sin|sans|senza|pasd|pasde)${TOPIC}${ABOUT}`,
];
const ALLOWS = [
  `${WHO}opt(?:s|ed)?in${FOR}${ABOUT}`,
  `${WHO}${TOPIC}${ABOUT}${LINK}(?:allow(?:ed|s)?|permi(?:t|ts|tted|ssions?)|ok|okay|consent(?:ed)?|optin|authori[sz](?:ed|ation)|licen[sc]ed|rights?|policy|preference|erlaubt|erlaubnis|zulässig|gestattet)`,
  `${WHO}(?:allow|permit|may|can|consent|authori[sz]e|usable|use|ok|okay|available|licen[sc]ed|erlaubt?)(?:s|d|ed)?${FOR}${TOPIC}${ABOUT}`,
  // A lone "train", "training" or "ai" more often says which split a row is in, or how a picture was made.
  `(?:gen(?:erative)?ai|ai|ml|ki|ia|llm|machinelearning|model)+(?:training|train)(?:use|usage)?`,
  `(?:train|training)(?:gen(?:erative)?ai|ai|ml|ki|ia|llm)`,
  `(?:ai|ki|ia|genai|generativeai)(?:use|usage|nutzung)`,
  `tdm|textand(?:data)?mining|textdatamining|datamining`,
];
const SENSES: readonly (readonly [RegExp, TrainingSense])[] = [
  [new RegExp(`^(?:${FORBIDS.join('|')})$`, 'u'), 'forbids'],
  [new RegExp(`^(?:${ALLOWS.join('|')})$`, 'u'), 'allows'],
];
const LONGEST_NAME = 60;

/** What a yes in this column means; null if the column is not about training alone. */
export function trainingSense(column: string): TrainingSense | null {
  const name = column
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '');
  if (name.length > LONGEST_NAME) return null;
  return SENSES.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}

const YES = /^(?:true|yes|yep|y|t|1|1\.0|on|x|set|checked|ja|j|wahr|oui|o|vrai|si|sí|sì|verdadero|vero|sim|✓|✔|✅|☑)$/u;
const NO = /^(?:false|no|nope|n|f|0|0\.0|off|never|none|nein|falsch|non|faux|falso|não|✗|✘|❌|✖)$/u;
/** Says nothing either way. */
const SILENT =
  /^(?:|-+|–|—|\?|n\/?a|nan|null|nil|undefined|unknown|unset|unspecified|not (?:set|specified|stated)|unbekannt|inconnu)$/u;
const FORBIDDEN =
  /^(?:(?:opt(?:ed)?|opting) ?out|(?:not|never) ?(?:allow(?:ed)?|permitted|granted|consented|given|ok|okay)|disallow(?:ed)?|den(?:y|ied)|forbidden|prohibited|refused|reserved|no ?(?:ai|train|training|consent|permission)|verboten|untersagt|nicht erlaubt|interdit|prohibido|vietato)$/u;
const ALLOWED =
  /^(?:opt(?:ed)? ?in|allow(?:ed)?|permit(?:ted)?|granted|consent(?:ed)?|given|ok|okay|(?:not|un) ?(?:reserved|restricted)|none ?reserved|erlaubt|gestattet|autorisé|permitido|consentito)$/u;

type Answer = 'forbidden' | 'silent' | 'unclear';

function answerOf(text: string, sense: TrainingSense): Answer {
  const word = text
    .normalize('NFKC')
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, ' ')
    .replace(/[.!]$/, '');
  if (FORBIDDEN.test(word)) return 'forbidden';
  if (YES.test(word)) return sense === 'forbids' ? 'forbidden' : 'silent';
  if (NO.test(word)) return sense === 'allows' ? 'forbidden' : 'silent';
  // A permission in a table proves nothing by itself, so it changes nothing.
  return ALLOWED.test(word) || SILENT.test(text.trim().toLowerCase()) ? 'silent' : 'unclear';
}

/** What such a column says against training. */
export function signalsOfTrainingColumn(column: string, text: string, sense: TrainingSense): Signal[] {
  const answer = answerOf(text, sense);
  if (answer === 'silent') return [];
  const name = `The column “${column}” of the table`;
  if (answer === 'unclear') {
    const inWords = signalsOfWords({ text, place: 'rights', name, locator: 'table', kind: 'licence' });
    if (inWords.length > 0) return inWords;
  }
  const says = text.slice(0, 300);
  return [
    makeSignal({
      kind: 'licence',
      value: answer === 'forbidden' ? 'disallow' : 'constrained',
      scope: 'train',
      trust: 'unsigned',
      locator: 'table',
      raw: text,
      statement:
        answer === 'forbidden'
          ? `${name} forbids training: “${says}”.`
          : `${name} says “${says}” about training, which is not understood and so counts as a no.`,
    }),
  ];
}
