/** @file Units that answers to pictures carry. Units are compared, never converted: 1 m is not graded as 100 cm. */

const LENGTHS: Record<string, readonly string[]> = {
  mm: ['mm', 'millimeter', 'millimeters', 'millimetre', 'millimetres', '毫米'],
  cm: ['cm', 'centimeter', 'centimeters', 'centimetre', 'centimetres', '厘米'],
  dm: ['dm', 'decimeter', 'decimeters', 'decimetre', 'decimetres', '分米'],
  m: ['m', 'meter', 'meters', 'metre', 'metres', '米'],
  km: ['km', 'kilometer', 'kilometers', 'kilometre', 'kilometres', '千米', '公里'],
  in: ['in', 'inch', 'inches'],
  ft: ['ft', 'foot', 'feet'],
  yd: ['yd', 'yard', 'yards'],
  mi: ['mi', 'mile', 'miles'],
  nmi: ['nmi', 'nauticalmile', 'nauticalmiles', '海里'],
  unit: ['unit', 'units'],
};

const OTHERS: Record<string, readonly string[]> = {
  '°': ['°', 'deg', 'degree', 'degrees', '度'],
  s: ['s', 'sec', 'second', 'seconds', '秒'],
  min: ['min', 'minute', 'minutes', '分钟'],
  h: ['h', 'hour', 'hours', '小时'],
  rad: ['rad', 'radian', 'radians'],
  '%': ['%', '\\%', 'percent'],
};

const CANONICAL = new Map<string, string>(
  [...Object.entries(OTHERS), ...Object.entries(LENGTHS).flatMap(([unit, names]) => withPowers(unit, names))].flatMap(
    ([unit, names]) => names.map((name): [string, string] => [name, unit]),
  ),
);

/** The canonical unit that a text names (`square centimetres`, `cm^{2}`, `㎠` → `cm²`), or null when it names none. */
export function readUnit(text: string): string | null {
  const compact = text
    .replace(/\\(?:text|mathrm|rm|operatorname)\s*/g, '')
    .replace(/[{}()\s^$]/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
  return CANONICAL.get(compact) ?? null;
}

function withPowers(unit: string, names: readonly string[]): [string, readonly string[]][] {
  const squares = names.flatMap((name) => [
    `${name}2`,
    `square${name}`,
    `sq${name}`,
    `sq.${name}`,
    `${name}squared`,
    `平方${name}`,
  ]);
  const cubes = names.flatMap((name) => [`${name}3`, `cubic${name}`, `${name}cubed`, `立方${name}`]);
  return [
    [unit, names],
    [`${unit}²`, squares],
    [`${unit}³`, cubes],
  ];
}
