/** The one line that tells how far a migration is, from its trace. */
import type { HopKind } from '../../engine/trace/hops';
import {
  afterRecord,
  notBegun,
  phaseTitle,
  type MigrationProgress,
  type RamProgress,
} from '../../engine/trace/progress';
import { phases, sideOf, type Phase, type TraceRecord } from '../../engine/trace/record';
import { printable } from '../../engine/text/printable';
import { formatBytes, formatDuration, formatRate } from '../../engine/text/units';

/** How far a migration is. Hears its trace, and renders a line at any time. */
export class Progress {
  #startedAt: number | undefined;
  #now = notBegun;
  #isCancelling = false;

  hear(record: TraceRecord): void {
    this.#startedAt ??= record.at;
    this.#now = afterRecord(this.#now, record);
  }

  cancel(): void {
    this.#isCancelling = true;
  }

  /** @param now on the host's clock, in µs */
  line(now: number): string {
    const { phase } = this.#now;
    if (phase === undefined) return 'Looking at the domain';
    const place = placeOf(this.#now, phase);
    return [
      this.#isCancelling ? `Cancelling in ${place}` : `${place} (${sideOf[phase]})`,
      ...modeAndRam(this.#now),
      formatDuration(now - (this.#startedAt ?? now)),
    ].join(' · ');
  }
}

/** How far a migration is that is somebody else's. */
export function progressWords(progress: MigrationProgress): string {
  const { phase, step } = progress;
  if (phase === undefined) return 'it has just begun';
  return [
    `${placeOf(progress, phase)} (${sideOf[phase]})`,
    ...(step === undefined ? [] : [printable(step)]),
    ...modeAndRam(progress),
  ].join(' · ');
}

function modeAndRam({ phase, mode, ram }: MigrationProgress): string[] {
  return [
    ...(mode === undefined ? [] : [printable(mode)]),
    ...(phase === 'perform' && ram !== undefined ? ramWords(ram) : []),
  ];
}

/** Where each half of an upgrade leads. */
export const hopTitles: Readonly<Record<HopKind, string>> = {
  'from-libvirt': 'To Sidestep',
  'to-libvirt': 'Back to libvirt',
};

function placeOf({ hop, phaseNumber }: MigrationProgress, phase: Phase): string {
  const half = hop === undefined ? '' : `${hopTitles[hop]}, `;
  return `${half}${phaseNumber}/${phases.length} ${phaseTitle(phase)}`;
}

function ramWords({ percent, total, mbps, pass }: RamProgress): string[] {
  return [
    `${percent} % of ${formatBytes(total)}`,
    ...(mbps === undefined ? [] : [formatRate(mbps)]),
    ...(pass > 1 ? [`pass ${pass}`] : []),
  ];
}
