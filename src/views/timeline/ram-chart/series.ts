/** RAM samples as the chart's columns. */
import type { RamItem } from '../model/items';

const mebibyte = 1024 * 1024;
/** QEMU measures in megabits; the chart shows megabytes, as sizes are in bytes too. */
const bitsPerByte = 8;

/** undefined where nothing was measured, null where a line ends: those of two migrations are not one. */
type Column = (number | null | undefined)[];

/** Times in µs, then MiB remaining, MiB transferred, MB/s. */
export type RamColumns = [number[], Column, Column, Column];

/** @param groups the samples of each migration */
export function columnsOf(groups: readonly (readonly RamItem[])[]): RamColumns {
  const columns: RamColumns = [[], [], [], []];
  const [times, ...values] = columns;
  for (const samples of groups) {
    const [first] = samples;
    if (first === undefined) continue;
    if (times.length > 0) {
      times.push(first.startUs);
      for (const column of values) column.push(null);
    }
    for (const { startUs, remaining, transferred, mbps } of samples) {
      times.push(startUs);
      values[0].push(remaining / mebibyte);
      values[1].push(transferred / mebibyte);
      values[2].push(mbps === undefined ? undefined : mbps / bitsPerByte);
    }
  }
  return columns;
}

/** Scales begin at 0, and do not jump when another part of the time is looked at. */
export function highest(...columns: readonly Readonly<Column>[]): number {
  let most = 1;
  for (const column of columns) for (const value of column) most = Math.max(most, value ?? 0);
  return most * 1.1;
}

/** What the legend says of a sample. */
export function valuesAt([, remaining, transferred, rate]: RamColumns, index: number): string[] {
  const told = (value: Column[number], digits: number, unit: string) =>
    typeof value === 'number' ? `${value.toFixed(digits)} ${unit}` : '';
  return [
    told(remaining[index], 1, 'MiB'),
    told(transferred[index], 1, 'MiB'),
    told(rate[index], 0, 'MB/s'),
  ];
}
