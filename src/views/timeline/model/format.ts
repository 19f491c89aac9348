/** Times as they are read. */

const second = 1_000_000;
const millisecond = 1000;

/** With three significant digits: `121 µs`, `7.98 ms`, `252 ms`, `3.41 s`, `2 min 5 s`. */
export function formatDuration(us: number): string {
  if (us < 0) return `-${formatDuration(-us)}`;
  if (us < 999.5) return `${Math.round(us)} µs`;
  if (us < 999.5 * millisecond) return `${threeDigits(us / millisecond)} ms`;
  if (us < 59.95 * second) return `${threeDigits(us / second)} s`;
  const seconds = Math.round(us / second);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** A moment, in ms to the microsecond: `216.158`. */
export function formatTime(us: number): string {
  return (us / millisecond).toFixed(3);
}

/** `345 KiB`, `4 GiB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length - 1);
  const value = bytes / 1024 ** power;
  const rounded = power === 0 ? String(value) : threeDigits(value);
  return `${rounded} ${units[power] ?? ''}`;
}

function threeDigits(value: number): string {
  const digits = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return digits === 0 ? value.toFixed(0) : value.toFixed(digits).replace(/\.?0+$/, '');
}
