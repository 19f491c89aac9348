import type { RamProgress } from '../../qemu/migration';
import type { TraceEntry } from './trace';

/** What `query-migrate` has said of guest RAM, as a record. */
export function ramEntry(
  instance: number,
  { transferred, remaining, total, mbps, dirtySyncCount }: RamProgress,
): TraceEntry {
  return {
    type: 'ram',
    instance,
    transferred,
    remaining,
    total,
    ...(mbps !== undefined && { mbps }),
    ...(dirtySyncCount !== undefined && { dirtySyncCount }),
  };
}
