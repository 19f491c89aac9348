/** Moments of a switchover, as the source tells of them: what is done then comes in the midst of it, or near. */
import type { Mode } from '../../src/engine/mode';
import type { TraceRecord } from '../../src/engine/trace/record';

export interface SwitchoverMoment {
  readonly mode: Mode;
  readonly moment: string;
  /** Does it when the source comes there, once. */
  readonly at: (source: number, act: () => void) => (record: TraceRecord) => void;
}

const events = [
  { moment: 'when the source begins', event: 'MIGRATION', data: /"active"/ },
  { moment: 'when the source stops', event: 'STOP', data: /./ },
];

/** How often a moment is tried: that it is met within the switchover is chance. */
export const switchoverAttempts = 5;

export const switchoverMoments: readonly SwitchoverMoment[] = (
  ['precopy', 'ignore-shared', 'cpr-transfer'] as const
).flatMap((mode) =>
  events.map(({ moment, event, data }) => ({
    mode,
    moment,
    at: (source, act) => {
      let isDone = false;
      return (record) => {
        if (isDone || record.type !== 'qmp' || record.kind !== 'event') return;
        if (record.instance !== source || record.name !== event) return;
        if (!data.test(JSON.stringify(record.message))) return;
        isDone = true;
        act();
      };
    },
  })),
);
