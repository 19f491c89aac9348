/** Sizes as QEMU reads them (qemu_strtosz): `2G`, `1.5g`, `0x4000`. */

const units = 'BKMGTPE';

/**
 * @param defaultUnit what a number without a suffix counts
 * @returns bytes, or undefined for what is no size
 */
export function parseSize(text: string, defaultUnit: 'B' | 'M' = 'B'): number | undefined {
  if (/^0x[\da-f]+$/i.test(text)) return Number(text) * 1024 ** units.indexOf(defaultUnit);
  const [, number, suffix] = /^(\d+(?:\.\d+)?)([bkmgtpe]?)$/i.exec(text) ?? [];
  if (number === undefined) return undefined;
  const unit = suffix === undefined || suffix === '' ? defaultUnit : suffix.toUpperCase();
  return Math.floor(Number(number) * 1024 ** units.indexOf(unit));
}
