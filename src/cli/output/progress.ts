/** The one line that tells how far a migration is, from its trace. */
import type { HopKind } from '../../engine/trace/hops';
import {
  afterRecord,
  notBegun,
  type MigrationProgress,
  type RamProgress,
} from '../../engine/trace/progress';
import { phases, sideOf, type Phase, type TraceRecord } from '../../engine/trace/record';
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
    const { phase, mode, ram } = this.#now;
    if (phase === undefined) return 'Looking at the domain';
    const place = placeOf(this.#now, phase);
    return [
      this.#isCancelling ? `Cancelling in ${place}` : `${place} (${sideOf[phase]})`,
      ...(mode === undefined ? [] : [mode]),
      ...(phase === 'perform' && ram !== undefined ? ramWords(ram) : []),
      formatDuration(now - (this.#startedAt ?? now)),
    ].join(' · ');
  }
}

/** Where each half of an upgrade leads. */
export const hopTitles: Readonly<Record<HopKind, string>> = {
  'from-libvirt': 'To Sidestep',
  'to-libvirt': 'Back to libvirt',
};

function placeOf({ hop, phaseNumber }: MigrationProgress, phase: Phase): string {
  const half = hop === undefined ? '' : `${hopTitles[hop]}, `;
  return `${half}${phaseNumber}/${phases.length} ${titleOf(phase)}`;
}

function ramWords({ percent, total, mbps, pass }: RamProgress): string[] {
  return [
    `${percent} % of ${formatBytes(total)}`,
    ...(mbps === undefined ? [] : [formatRate(mbps)]),
    ...(pass > 1 ? [`pass ${pass}`] : []),
  ];
}

function titleOf(phase: Phase): string {
  return phase.charAt(0).toUpperCase() + phase.slice(1);
}
