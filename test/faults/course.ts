/** How a migration went, by what QEMU did: what must become of the guest follows from it by rule. */
import type { Mode } from '../../src/engine/mode';
import type { TraceRecord } from '../../src/engine/trace/record';
import type { Point } from '../support/steps';

export interface Course {
  readonly mode: Mode;
  /** Before which the fault came. */
  readonly point: Point;
  /** None if nobody was left to tell. */
  readonly records: readonly TraceRecord[];
  /** The instance that had the guest. */
  readonly source: number;
}

export function afterSwitchover({ point: { phase } }: Course): boolean {
  return phase === 'finish' || phase === 'confirm';
}

/** Whether there was a target. */
export function targetStarted({ records }: Course): boolean {
  return targetIn(records) !== undefined;
}

/** Whether the guest ever ran at the target. */
export function targetRan({ records }: Course): boolean {
  const target = targetIn(records);
  return records.some(
    (record) =>
      record.type === 'qmp' &&
      record.kind === 'event' &&
      record.name === 'RESUME' &&
      record.instance === target,
  );
}

/** Whether all of the guest's RAM came there. */
export function targetHasAll({ records }: Course): boolean {
  const target = targetIn(records);
  return records.some(
    (record) =>
      record.type === 'qmp' &&
      record.name === 'MIGRATION' &&
      record.instance === target &&
      JSON.stringify(record.message).includes('"completed"'),
  );
}

export function sourceQuit({ records, source }: Course): boolean {
  return records.some(
    (record) => record.type === 'process' && record.edge === 'exit' && record.instance === source,
  );
}

function targetIn(records: readonly TraceRecord[]): number | undefined {
  return records.find((record) => record.type === 'table' && record.to === 'remote')?.instance;
}
