/** The one line that tells how far a migration is, from its trace. */
import { phases, sideOf, type Phase, type TraceRecord } from '../../engine/trace/record';
import { formatBytes, formatDuration, formatRate } from '../../engine/text/units';

type RamRecord = Extract<TraceRecord, { type: 'ram' }>;

/** How far a migration is. Hears its trace, and renders a line at any time. */
export class Progress {
  #startedAt: number | undefined;
  #phase: Phase | undefined;
  #mode: string | undefined;
  #ram: RamRecord | undefined;
  #isCancelling = false;

  hear(record: TraceRecord): void {
    this.#startedAt ??= record.at;
    if (record.type === 'plan') this.#mode = record.mode;
    else if (record.type === 'ram') this.#ram = record;
    else if (record.type === 'phase' && record.edge === 'begin') this.#phase = record.phase;
  }

  cancel(): void {
    this.#isCancelling = true;
  }

  /** @param now on the host's clock, in µs */
  line(now: number): string {
    const phase = this.#phase;
    if (phase === undefined) return 'Looking at the domain';
    const place = `${phases.indexOf(phase) + 1}/${phases.length} ${titleOf(phase)}`;
    return [
      this.#isCancelling ? `Cancelling in ${place}` : `${place} (${sideOf[phase]})`,
      ...(this.#mode === undefined ? [] : [this.#mode]),
      ...(phase === 'perform' && this.#ram !== undefined ? ramWords(this.#ram) : []),
      formatDuration(now - (this.#startedAt ?? now)),
    ].join(' · ');
  }
}

function ramWords({ remaining, total, mbps, dirtySyncCount = 0 }: RamRecord): string[] {
  // Modes that copy no RAM have nothing to tell.
  if (total === 0) return [];
  const share = Math.floor(((total - Math.min(remaining, total)) / total) * 100);
  return [
    `${share} % of ${formatBytes(total)}`,
    ...(mbps === undefined ? [] : [formatRate(mbps)]),
    ...(dirtySyncCount > 1 ? [`pass ${dirtySyncCount}`] : []),
  ];
}

function titleOf(phase: Phase): string {
  return phase.charAt(0).toUpperCase() + phase.slice(1);
}
