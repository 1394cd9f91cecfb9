/**
 * @file Units that answers to pictures carry. Units are compared, never converted: 1 m is not graded as 100 cm. Known
 * units have several spellings; any other unit counts where answer and reference spell it alike.
 */

export type Unit = {
  /** The one spelling by which units are compared. */
  name: string;
  /** Whether it is in the table. Only such a unit may be left out: `5` for `5 kg`, but not `50` for `50 Cent`. */
  known: boolean;
};

/** Lengths also come squared and cubed. */
const LENGTHS: Record<string, readonly string[]> = {
  nm: ['nm', 'nanometer', 'nanometre'],
  µm: ['µm', 'um', 'micrometer', 'micrometre', 'micron'],
  mm: ['mm', 'millimeter', 'millimetre', '毫米'],
  cm: ['cm', 'centimeter', 'centimetre', '厘米'],
  dm: ['dm', 'decimeter', 'decimetre', '分米'],
  m: ['m', 'meter', 'metre', '米'],
  km: ['km', 'kilometer', 'kilometre', '千米', '公里'],
  in: ['in', 'inch', 'inches'],
  ft: ['ft', 'foot', 'feet'],
  yd: ['yd', 'yard'],
  mi: ['mi', 'mile'],
  nmi: ['nmi', 'nauticalmile', '海里'],
  unit: ['unit'],
};

const OTHERS: Record<string, readonly string[]> = {
  '°': ['°', 'deg', 'degree', '度'],
  rad: ['rad', 'radian'],
  '%': ['%', '\\%', 'percent', 'percentage', 'pct'],
  '‰': ['‰', 'permille', 'permil'],
  ns: ['ns', 'nanosecond'],
  µs: ['µs', 'us', 'microsecond'],
  ms: ['ms', 'millisecond', '毫秒'],
  s: ['s', 'sec', 'second', '秒'],
  's²': ['s2'],
  min: ['min', 'minute', '分钟'],
  h: ['h', 'hr', 'hour', '小时'],
  day: ['day', '天'],
  week: ['week', 'wk'],
  month: ['month'],
  year: ['year', 'yr'],
  mg: ['mg', 'milligram', 'milligramme', '毫克'],
  µg: ['µg', 'ug', 'mcg', 'microgram'],
  g: ['g', 'gram', 'gramme', '克'],
  kg: ['kg', 'kilo', 'kilogram', 'kilogramme', '千克', '公斤'],
  t: ['t', 'tonne', '吨'],
  lb: ['lb', 'lbs'],
  oz: ['oz', 'ounce'],
  ml: ['ml', 'mL', 'milliliter', 'millilitre', '毫升'],
  cl: ['cl', 'cL', 'centiliter', 'centilitre'],
  dl: ['dl', 'dL', 'deciliter', 'decilitre'],
  l: ['l', 'ℓ', 'liter', 'litre', '升'],
  hl: ['hl', 'hL', 'hectoliter', 'hectolitre'],
  floz: ['floz', 'fl.oz', 'fluidounce'],
  gal: ['gal', 'gallon'],
  ha: ['ha', 'hectare', '公顷'],
  acre: ['acre'],
  '°C': ['°C', 'degC', 'celsius', 'degreecelsius', 'degreescelsius', '°celsius', '摄氏度'],
  '°F': ['°F', 'degF', 'fahrenheit', 'degreefahrenheit', 'degreesfahrenheit', '°fahrenheit', '华氏度'],
  kelvin: ['kelvin'],
  'km/h': ['kmh', 'kph', 'kmph'],
  'mi/h': ['mph'],
  knot: ['knot', 'kn', 'kt', 'kts'],
  bpm: ['bpm'],
  rpm: ['rpm'],
  Hz: ['Hz', 'hertz'],
  kHz: ['kHz', 'kilohertz'],
  MHz: ['MHz', 'megahertz'],
  GHz: ['GHz', 'gigahertz'],
  mW: ['mW', 'milliwatt'],
  watt: ['watt'],
  kW: ['kW', 'kilowatt'],
  MW: ['MW', 'megawatt'],
  GW: ['GW', 'gigawatt'],
  Wh: ['Wh', 'watthour'],
  kWh: ['kWh', 'kilowatthour'],
  MWh: ['MWh', 'megawatthour'],
  mAh: ['mAh'],
  mV: ['mV', 'millivolt'],
  volt: ['volt'],
  kV: ['kV', 'kilovolt'],
  mA: ['mA', 'milliamp', 'milliampere'],
  amp: ['amp', 'ampere'],
  Ω: ['Ω', 'ohm'],
  kΩ: ['kΩ', 'kohm', 'kiloohm'],
  MΩ: ['MΩ', 'megaohm'],
  kN: ['kN', 'kilonewton'],
  newton: ['newton'],
  kJ: ['kJ', 'kilojoule'],
  MJ: ['MJ', 'megajoule'],
  joule: ['joule'],
  cal: ['cal', 'calorie'],
  kcal: ['kcal', 'kilocalorie'],
  Pa: ['Pa', 'pascal'],
  hPa: ['hPa', 'hectopascal'],
  kPa: ['kPa', 'kilopascal'],
  MPa: ['MPa', 'megapascal'],
  mbar: ['mbar', 'millibar'],
  bar: ['bar'],
  psi: ['psi'],
  mmHg: ['mmHg'],
  dB: ['dB', 'decibel'],
  kB: ['kB', 'KB', 'kilobyte'],
  MB: ['MB', 'megabyte'],
  GB: ['GB', 'gigabyte'],
  TB: ['TB', 'terabyte'],
  byte: ['byte'],
  bit: ['bit'],
  kbit: ['kbit', 'kb', 'kilobit'],
  Mbit: ['Mbit', 'Mb', 'megabit'],
  Gbit: ['Gbit', 'Gb', 'gigabit'],
  px: ['px', 'pixel', '像素'],
  dpi: ['dpi'],
  ppi: ['ppi'],
};

/** A sign may stand before the number or after it. */
const CURRENCIES: Record<string, readonly string[]> = {
  '€': ['€', 'eur', 'euro'],
  $: ['$', 'us$', 'usd', 'dollar'],
  '£': ['£', 'gbp'],
  '¥': ['¥', 'jpy', 'yen'],
  yuan: ['cny', 'rmb', 'yuan', '元'],
  '₹': ['₹', 'inr', 'rs', 'rupee'],
  '₩': ['₩', 'krw'],
  '₽': ['₽', 'rub', 'ruble', 'rouble'],
  '₺': ['₺', 'lira'],
  '₴': ['₴', 'uah', 'hryvnia'],
  '₪': ['₪', 'ils', 'nis', 'shekel'],
  '₫': ['₫', 'vnd'],
  '฿': ['฿', 'thb', 'baht'],
  '₱': ['₱', 'php'],
  '₦': ['₦', 'ngn', 'naira'],
  '¢': ['¢', 'ct', 'cent'],
  chf: ['chf'],
  zł: ['zł', 'pln', 'zloty', 'złoty'],
  r$: ['r$', 'brl'],
  a$: ['a$', 'au$', 'aud'],
  c$: ['c$', 'ca$', 'cad'],
  hk$: ['hk$', 'hkd'],
  sek: ['sek'],
  nok: ['nok'],
  dkk: ['dkk'],
  kr: ['kr', 'krona', 'kronor', 'krone', 'kroner'],
  kč: ['kč', 'czk'],
  huf: ['huf', 'forint'],
};

const LONGEST = 32;
/** Letters, signs and separators of a unit; digits only as exponents. */
const SPELLED = /^[\p{L}\p{Sc}°%‰'"](?:[\p{L}\p{M}\p{Sc}°%‰'"./² ³-]|\^\{?-?[1-9]\}?)*$/u;
/** Words that make a list, a range or a remark of what follows a number. */
const NOT_A_UNIT =
  /(?:^| )(?:or|and|to|not|but|nor|plus|minus|times|either|maybe|versus|vs|is|are|oder|und|bis|ou|et|o|y|zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty(?:-\w+)?|hundred)(?: |$)/i;

const EXACT = new Map<string, string>();
/** Spellings in any case; null where case decides, as between mW and MW. */
const ANY_CASE = new Map<string, string | null>();

for (const [name, spellings] of [...Object.entries(OTHERS), ...Object.entries(CURRENCIES)]) enter(name, spellings);
for (const [name, spellings] of Object.entries(LENGTHS)) {
  enter(name, spellings);
  for (const [power, mark, word] of [
    ['2', '²', 'square'],
    ['3', '³', 'cubic'],
  ] as const) {
    const powers = spellings.flatMap((spelling) =>
      [spelling, plural(spelling)].flatMap((one) => [
        `${one}${power}`,
        `${word}${one}`,
        ...(power === '2' ? [`sq${one}`, `sq.${one}`, `${one}squared`] : [`cu${one}`, `cu.${one}`, `${one}cubed`]),
        `${power === '2' ? '平方' : '立方'}${one}`,
      ]),
    );
    enter(`${name}${mark}`, powers);
  }
}
const CURRENCY_SIGNS = Object.values(CURRENCIES)
  .flat()
  .filter((sign) => !/^(?:rs|ct|cent)$|^kr./u.test(sign))
  .sort((a, b) => b.length - a.length)
  .map((sign) => sign.replaceAll('$', '\\$'));
const BEFORE = new RegExp(`^([+-]?) ?(${CURRENCY_SIGNS.join('|')}) ?(?=[+-]?\\.?\\d)`, 'iu');

/** The unit that a text names: a known one (`square centimetres`, `cm^{2}` → `cm²`), else as it is spelled; or null. */
export function readUnit(text: string): Unit | null {
  const compact = text.replace(/[{}()\s^]/g, '').replace(/\.$/, '');
  if (compact === '') return null;
  const known = knownUnit(compact) ?? compound(text);
  if (known !== null) return { name: known, known: true };
  const spelled = text.trim().replace(/\s+/g, ' ').replace(/\.$/, '');
  if (spelled.length > LONGEST || !SPELLED.test(spelled) || NOT_A_UNIT.test(spelled)) return null;
  // Case tells short symbols apart (mm and Mm); in words it does not.
  return { name: /^\p{L}{1,3}$/u.test(spelled) ? spelled : spelled.toLowerCase(), known: false };
}

/** A currency sign before a number, taken off: `-$5` → `-5` and `$`. Null where there is none. */
export function readCurrencyBefore(text: string): { rest: string; unit: Unit } | null {
  const found = BEFORE.exec(text);
  const name = found === null ? undefined : ANY_CASE.get((found[2] ?? '').toLowerCase());
  if (found === null || name === undefined || name === null) return null;
  return { rest: `${found[1] ?? ''}${text.slice(found[0].length)}`, unit: { name, known: true } };
}

/** A percentage is another value than the bare number: 0.5 % is not 0.5. */
export function isShare(unit: Unit | null): boolean {
  return unit !== null && (unit.name === '%' || unit.name === '‰');
}

/** `km/h`, `kilometres per hour`, `€ per kg`, `kmh`. */
function compound(text: string): string | null {
  const parts = text.split(/\s*\/\s*|\s+per\s+/i).map((part) => part.replace(/[{}()\s^]/g, '').replace(/\.$/, ''));
  if (parts.length !== 2) return null;
  const [above, below] = parts.map(knownUnit);
  return above === null || below === null ? null : `${above}/${below}`;
}

function knownUnit(compact: string): string | null {
  const exact = EXACT.get(compact);
  if (exact !== undefined || !caseIsFree(compact)) return exact ?? null;
  return ANY_CASE.get(compact.toLowerCase()) ?? null;
}

/** `KG`, `Km` and `Litres` are careless spellings; `M` and `Mg` may be a million and megagrams. */
function caseIsFree(compact: string): boolean {
  if (compact === 'L' || compact.length > 3) return true;
  return compact.length > 1 && !/^[MP][a-z]/.test(compact);
}

function enter(name: string, spellings: readonly string[]): void {
  for (const spelling of spellings.flatMap((one) => [one, plural(one)])) {
    // Answers are folded in the same way before they come here.
    const folded = spelling.normalize('NFKC');
    EXACT.set(folded, name);
    const key = folded.toLowerCase();
    const other = ANY_CASE.get(key);
    ANY_CASE.set(key, other === undefined || other === name ? name : null);
  }
}

function plural(spelling: string): string {
  return /^[a-zł]{2,}$/.test(spelling) && !/s$|^(?:ha|feet|inches)$/.test(spelling) ? `${spelling}s` : spelling;
}
