/** @file Straight lines through measurements: growth exponents and slopes with their uncertainty. Pure. */

export interface Line {
  slope: number;
  intercept: number;
  /** Half width of the 95 % interval of the slope; Infinity with fewer than three points. */
  slopeMargin: number;
  /** Share of the variation that the line explains. */
  r2: number;
}

/** Two-sided 97.5 % points of Student's t for 1–30 degrees of freedom; beyond that the normal's. */
const T_975 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/** Ordinary least squares. @throws RangeError with fewer than two different x */
export function fitLine(points: readonly (readonly [number, number])[]): Line {
  const n = points.length;
  const mean = (index: 0 | 1): number => points.reduce((sum, point) => sum + point[index], 0) / n;
  const [mx, my] = [mean(0), mean(1)];
  let sxx = 0;
  let sxy = 0;
  let syy = 0;
  for (const [x, y] of points) {
    sxx += (x - mx) ** 2;
    sxy += (x - mx) * (y - my);
    syy += (y - my) ** 2;
  }
  if (n < 2 || sxx === 0) throw new RangeError('A line needs two different points.');
  const slope = sxy / sxx;
  const residual = Math.max(0, syy - slope * sxy);
  const degrees = n - 2;
  const slopeMargin = degrees < 1 ? Infinity : (T_975[degrees - 1] ?? 1.96) * Math.sqrt(residual / degrees / sxx);
  return { slope, intercept: my - slope * mx, slopeMargin, r2: syy === 0 ? 1 : 1 - residual / syy };
}

/** The exponent p of y ≈ c·xᵖ (slope on log-log axes). @throws RangeError for values that are not positive */
export function fitPower(points: readonly (readonly [number, number])[]): Line {
  if (points.some(([x, y]) => !(x > 0 && y > 0))) throw new RangeError('A power law needs positive values.');
  return fitLine(points.map(([x, y]) => [Math.log(x), Math.log(y)]));
}
