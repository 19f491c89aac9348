/** Quantities for a reader. */

/** A duration of a migration: `412 µs`, `2.41 ms`, `97.0 ms`, `3.42 s`, `2 min 5 s`. */
export function formatDuration(us: number): string {
  if (us < 1_000) return `${Math.round(us)} µs`;
  if (us < 999_500) return `${significant(us / 1_000)} ms`;
  if (us < 59_950_000) return `${significant(us / 1_000_000)} s`;
  return formatUptime(us);
}

/** A long duration by its two greatest units: `5 s`, `3 min 20 s`, `2 h 5 min`, `12 d 4 h`. */
export function formatUptime(us: number): string {
  const seconds = Math.floor(us / 1_000_000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (minutes === 0) return `${seconds} s`;
  if (hours === 0) return `${minutes} min ${seconds % 60} s`;
  if (days === 0) return `${hours} h ${minutes % 60} min`;
  return `${days} d ${hours % 24} h`;
}

const byteUnits = ['KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `512 B`, `63.9 MiB`, `1.00 GiB` */
export function formatBytes(bytes: number): string {
  let amount = bytes;
  let unit: string = 'B';
  for (const next of byteUnits) {
    if (amount < 999.5) break;
    amount /= 1024;
    unit = next;
  }
  return unit === 'B' ? `${amount} B` : `${significant(amount)} ${unit}`;
}

/** QEMU's Mbit/s as bytes a second. */
export function formatRate(mbps: number): string {
  return `${formatBytes(Math.round((mbps * 1_000_000) / 8))}/s`;
}

/** Three digits: `2.41`, `97.0`, `412`. */
function significant(value: number): string {
  if (value < 9.995) return value.toFixed(2);
  return value < 99.95 ? value.toFixed(1) : value.toFixed(0);
}
