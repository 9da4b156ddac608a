/** One line of a chart: a value for each step, from 1. */
export interface ChartLine {
  readonly name: string;
  readonly color: string;
  readonly values: readonly number[];
}

const WIDTH = 760;
const HEIGHT = 380;
const LEFT = 64;
const RIGHT = 130;
const TOP = 34;
const BOTTOM = 44;
const INK = '#57606a';
const GRID = '#8c959f33';

/**
 * Lines over steps as an SVG that stands by itself, on light and dark pages. The values' axis is logarithmic, because
 * what grows and what does not are to be seen in one picture.
 */
export function lineChart(
  lines: readonly ChartLine[],
  labels: { readonly title: string; readonly x: string; readonly y: string },
): string {
  const values = lines.flatMap((line) => line.values).filter((value) => value > 0);
  const steps = Math.max(2, ...lines.map((line) => line.values.length));
  const [low, high] = [Math.floor(Math.log10(Math.min(...values))), Math.ceil(Math.log10(Math.max(...values)))];
  const x = (step: number): number => LEFT + ((step - 1) / (steps - 1)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number =>
    TOP + (1 - (Math.log10(value) - low) / Math.max(high - low, 1)) * (HEIGHT - TOP - BOTTOM);
  const decades = Array.from({ length: high - low + 1 }, (_, at) => 10 ** (low + at));
  const every = niceStep(steps / 4);
  const ticks = [1, ...Array.from({ length: Math.floor(steps / every) }, (_, at) => (at + 1) * every)];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="12" role="img">`,
    `<title>${escaped(labels.title)}</title>`,
    text(LEFT, 18, `${labels.title}, ${labels.y}`, { weight: 600 }),
    ...decades.map((value) => `<path d="M${LEFT} ${px(y(value))}H${WIDTH - RIGHT}" stroke="${GRID}"/>`),
    ...decades.map((value) => text(LEFT - 8, y(value) + 4, value.toLocaleString('en-US'), { anchor: 'end' })),
    ...ticks.map((step) => text(x(step), HEIGHT - BOTTOM + 18, String(step), { anchor: 'middle' })),
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, labels.x, { anchor: 'middle' }),
    ...lines.map((line) => polyline(line, x, y)),
    ...lines.map((line) => text(WIDTH - RIGHT + 8, y(line.values.at(-1) ?? 1) + 4, line.name, { color: line.color })),
    '</svg>',
    '',
  ].join('\n');
}

/** 1, 2 or 5 times a power of ten, not below the value asked for by much. */
function niceStep(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= value * 0.8) ?? power;
}

function polyline({ values, color }: ChartLine, x: (step: number) => number, y: (value: number) => number): string {
  const points = values.map((value, at) => `${px(x(at + 1))},${px(y(Math.max(value, 1)))}`).join(' ');
  return `<polyline points="${points}" fill="none" stroke="${color}" stroke-width="1.6"/>`;
}

function text(
  x: number,
  y: number,
  content: string,
  {
    anchor = 'start',
    color = INK,
    weight = 400,
  }: { readonly anchor?: string; readonly color?: string; readonly weight?: number },
): string {
  return `<text x="${px(x)}" y="${px(y)}" fill="${color}" text-anchor="${anchor}" font-weight="${weight}">${escaped(content)}</text>`;
}

function px(value: number): string {
  return String(Number(value.toFixed(1)));
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
