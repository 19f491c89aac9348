/** The file that `--trace` names. */
import { SidestepError } from '../engine/errors';
import type { Appender, Host } from '../host/host';

export interface TraceFile {
  readonly path: string;
  readonly file: Appender;
  /** What did not begin leaves no file behind. */
  discardIfEmpty(): Promise<void>;
}

/** Never on top of a file that holds something: it may be anything. */
export async function newTraceFile(host: Host, path: string): Promise<TraceFile> {
  const [existing] = await host.files([{ op: 'stat', path }]);
  if (existing?.kind === 'directory' || (existing?.kind === 'file' && existing.size > 0)) {
    throw new SidestepError('TRACE_EXISTS', `${path} exists already, and is not overwritten.`, {
      path,
      hint: 'Give --trace the name of a new file.',
    });
  }
  const file = await host.openAppend(path);
  return {
    path,
    file,
    async discardIfEmpty() {
      await file.close();
      const [written] = await host.files([{ op: 'stat', path }]);
      if (existing === undefined && written?.size === 0) {
        await host.files([{ op: 'remove', path }]);
      }
    },
  };
}
