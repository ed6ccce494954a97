/** Curves as SVG, for a file as well as for a page. */

/** One curve. Where a y is NaN or infinite, it is broken. */
export interface Line {
  readonly label: string;
  readonly color: string;
  readonly xs: readonly number[];
  readonly ys: readonly number[];
}

/** Told apart by people who see colours otherwise, on light and on dark paper. */
export const COLORS = ["#3b82c4", "#e0812b", "#2a9d78", "#c2508f", "#8a6fd1", "#b59a1d", "#4fb3d9", "#d1495b"] as const;

const [WIDTH, HEIGHT] = [720, 320];
const [LEFT, RIGHT, TOP, BOTTOM] = [58, 14, 14, 34];
const STYLE = `
  text { fill: var(--faint, #5b6470); font: 12px system-ui, sans-serif }
  .grid { stroke: var(--thin, #e3e6ea) } .axis { stroke: var(--line, #b4bac2) }
  .curve { fill: none; stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round }`;

/** Returns an SVG of curves over one pair of axes. */
export function chart(title: string, lines: readonly Line[]): string {
  const xs = scale(lines.flatMap((line) => line.xs), LEFT, WIDTH - RIGHT, false);
  const ys = scale(lines.flatMap((line) => line.ys), HEIGHT - BOTTOM, TOP, true);
  const floor = HEIGHT - BOTTOM;
  const parts = [
    ...ys.ticks.map(
      (tick) =>
        `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${ys.at(tick)}" y2="${ys.at(tick)}"/>` +
        `<text x="${LEFT - 8}" y="${ys.at(tick) + 4}" text-anchor="end">${word(tick)}</text>`,
    ),
    ...xs.ticks.map((tick) => `<text x="${xs.at(tick)}" y="${floor + 18}" text-anchor="middle">${word(tick)}</text>`),
    `<text x="${WIDTH - RIGHT}" y="${HEIGHT - 3}" text-anchor="end">step</text>`,
    `<line class="axis" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${floor}" y2="${floor}"/>`,
    ...lines.map(
      (line) =>
        `<path class="curve" data-label="${escape(line.label)}" stroke="${line.color}" ` +
        `d="${path(line, xs.at, ys.at)}"><title>${escape(line.label)}</title></path>`,
    ),
  ];
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escape(title)}">` +
    `<style>${STYLE}</style>${parts.join("")}</svg>`
  );
}

/** Returns text as it may stand in markup. */
export function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Returns a number as a person reads it. */
export function word(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(6))) : String(value);
}

function path(line: Line, x: (value: number) => number, y: (value: number) => number): string {
  let pen = "M";
  return line.ys
    .map((value, i) => {
      if (!Number.isFinite(value)) {
        pen = "M";
        return "";
      }
      const step = `${pen}${x(line.xs[i] ?? 0)} ${y(value)}`;
      pen = "L";
      return step;
    })
    .join("");
}

function scale(values: readonly number[], from: number, to: number, padded: boolean) {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values.filter(Number.isFinite)) {
    [least, most] = [Math.min(least, value), Math.max(most, value)];
  }
  if (!(least <= most)) {
    [least, most] = [0, 1];
  }
  if (least === most) {
    [least, most] = [least - 0.5, most + 0.5];
  }
  const margin = padded ? (most - least) * 0.04 : 0;
  [least, most] = [least - margin, most + margin];
  const at = (value: number) => Math.round((from + ((value - least) / (most - least)) * (to - from)) * 10) / 10;
  const rough = (most - least) / 7;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough) ?? rough;
  const ticks = [];
  for (let tick = Math.ceil(least / step) * step; tick <= most; tick += step) {
    ticks.push(Number(tick.toPrecision(12)));
  }
  return { at, ticks };
}
