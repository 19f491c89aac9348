/** How far the migration is that a trace on a host tells of, without all of the trace: it may be long. */
import type { Disposable, Host } from '../../host/host';
import { TraceReader } from './file';
import { afterRecord, notBegun, type MigrationProgress } from './progress';
import { sideOf, type TraceRecord } from './record';

/** Holds the plan, in bytes. */
const headLength = 256 * 1024;
/** Holds what was told last: a sample of RAM is taken ten times a second. */
const tailLength = 64 * 1024;
/** Progress comes more often than anybody reads it; in ms. */
const gatherMs = 250;

/** A trace that is not there, or cannot be read, tells nothing. */
export async function readProgress(
  host: Pick<Host, 'files'>,
  path: string,
): Promise<MigrationProgress> {
  const reader = new ProgressReader(path);
  await reader.readEnds(host);
  return reader.progress;
}

/** Tells how far it is, as often as can be read, until disposed. */
export function followProgress(
  host: Pick<Host, 'files' | 'watchGrowth'>,
  path: string,
  onProgress: (progress: MigrationProgress) => void,
): Disposable {
  const reader = new ProgressReader(path);
  let told = reader.progress;
  let isDisposed = false;
  let watch: Disposable | undefined;
  const timer = setInterval(() => {
    if (told === reader.progress) return;
    told = reader.progress;
    onProgress(told);
  }, gatherMs);
  // Whoever loses the host learns of it without us.
  const ends = reader.readEnds(host).catch(() => undefined);
  void ends.then(() => {
    if (isDisposed) return;
    watch = host.watchGrowth(path, reader.end, (data) => {
      reader.read(data);
    });
  });
  return {
    dispose: () => {
      isDisposed = true;
      clearInterval(timer);
      watch?.dispose();
    },
  };
}

class ProgressReader {
  readonly #reader: TraceReader;
  progress = notBegun;
  /** Bytes of the file up to the last whole line that was read. */
  end = 0;

  constructor(private readonly path: string) {
    this.#reader = new TraceReader(path);
  }

  /** What lies between is left out. */
  async readEnds(host: Pick<Host, 'files'>): Promise<void> {
    const { path } = this;
    const [head, stat] = await host.files([
      { op: 'readPart', path, offset: 0, length: headLength },
      { op: 'stat', path },
    ]);
    if (head === undefined || stat === undefined) return;
    this.end = endOfLines(head);
    this.read(head.subarray(0, this.end));
    if (head.length < headLength) return;
    const offset = Math.max(this.end, stat.size - tailLength);
    const [tail] = await host.files([{ op: 'readPart', path, offset, length: tailLength }]);
    if (tail === undefined) return;
    const begin = offset === this.end ? 0 : tail.indexOf('\n') + 1;
    this.end = offset + endOfLines(tail);
    this.read(tail.subarray(begin, endOfLines(tail)));
  }

  read(data: Buffer): void {
    try {
      for (const record of this.#reader.read(data)) {
        this.progress = afterRecord(inItsPhase(this.progress, record), record);
      }
    } catch {
      // What was read before is right.
    }
  }
}

function endOfLines(part: Buffer): number {
  return part.lastIndexOf('\n') + 1;
}

/** The phase may have begun in what was left out. */
function inItsPhase(progress: MigrationProgress, record: TraceRecord): MigrationProgress {
  const { at, phase } = record;
  if (phase === undefined || phase === progress.phase || record.type === 'phase') return progress;
  return afterRecord(progress, { type: 'phase', at, phase, side: sideOf[phase], edge: 'begin' });
}
