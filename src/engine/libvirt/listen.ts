/**
 * Listens to the QMP traffic between libvirt and the QEMU of a domain of its, without either being
 * started anew: what libvirt's daemon logs is a trace while it happens.
 */
import { randomBytes } from 'node:crypto';
import type { Appender } from '../../host/host';
import type { ProcessIdentity } from '../../host/process';
import { LibvirtError } from '../../libvirt/errors';
import { LogReader } from '../../libvirt/log/log-reader';
import { Virsh } from '../../libvirt/virsh';
import type { LibvirtDomainOverview } from '../inventory/libvirt-overview';
import { traceFileName } from '../inventory/traces';
import { inBackground } from '../migration/background';
import { isHostLost } from '../migration/failures';
import { LogTrace } from '../libvirt-log/log-trace';
import type { StateFolder } from '../state/state-folder';
import { TraceWriter } from '../trace/file';
import { traceIncomplete } from '../trace/incomplete';
import { traceVersion } from '../trace/record';
import { Trace, type TraceListener } from '../trace/trace';
import { Listening, type RunningDaemon } from './listening';
import { LogTail } from './log-tail';

export interface ListenOptions {
  /** Ends the listening, which goes on until then. */
  readonly signal: AbortSignal;
  /** Hears every record as it happens. */
  readonly onRecord?: TraceListener;
  /** Told the path of the trace, once libvirt logs: it can be followed from then on. */
  readonly onListening?: ((tracePath: string) => void) | undefined;
  /** Bytes of the daemon's log at which a new one is begun. */
  readonly largestLog?: number;
  /** Where the trace goes instead of the state folder. */
  readonly trace?: { readonly path: string; readonly file: Appender } | undefined;
}

/** The daemon tells of all its domains, and the log is on the host's disk. */
const usualLargestLog = 64 * 1024 * 1024;

/** There is one log. */
const log = 0;

/**
 * Returns once the listening was ended, with the daemon's settings as they were before.
 * @returns the path of the trace
 * @throws LibvirtError, HostError
 */
export async function listen(
  state: StateFolder,
  domain: LibvirtDomainOverview,
  options: ListenOptions,
): Promise<string> {
  const { host } = state;
  const { name, uuid, id = 0 } = domain;
  const path = options.trace?.path ?? state.tracePath(traceFileName(host.now(), name, id));
  const trace = new Trace(() => host.now());
  const writer = new TraceWriter(
    options.trace === undefined ? host.openAppend(path) : Promise.resolve(options.trace.file),
    (error) => {
      trace.add(traceIncomplete(path, error));
    },
  );
  trace.listen(writer.listener);
  if (options.onRecord !== undefined) trace.listen(options.onRecord);
  try {
    const header = { type: 'header', version: traceVersion, host: host.name } as const;
    trace.add({ ...header, domain: name, uuid, origin: 'libvirt' });
    const ear = new Ear(state, domain, trace, options.largestLog ?? usualLargestLog);
    await ear.listen(options.signal, () => options.onListening?.(path));
  } finally {
    await writer.close();
  }
  return path;
}

/** What ends a stretch of listening: the user, a daemon that was started anew, a log that is large. */
type Interruption = 'end' | 'restart' | 'full';

/** Hears the log of one domain, whatever becomes of daemon and log. */
class Ear {
  readonly #listening: Listening;
  readonly #virsh: Virsh;
  readonly #logTrace: LogTrace;
  #reader: LogReader;

  constructor(
    private readonly state: StateFolder,
    private readonly domain: LibvirtDomainOverview,
    private readonly trace: Trace,
    private readonly largestLog: number,
  ) {
    this.#listening = new Listening(state, domain.connection);
    this.#virsh = new Virsh(state.host, domain.connection);
    this.#logTrace = new LogTrace(trace);
    this.#reader = this.#newReader();
  }

  async listen(signal: AbortSignal, onListening: () => void): Promise<void> {
    const id = randomBytes(8).toString('hex');
    const life = await this.state.claimListener(id);
    let tail: LogTail | undefined;
    try {
      let interruption: Interruption | undefined;
      do {
        const file = this.#listening.newFile();
        const daemon = await this.#listening.add({ id, file }, signal);
        // To the end of what was logged before.
        await tail?.finish();
        if (interruption === 'restart') this.#restart();
        tail = new LogTail(this.state.host, file, (data) => {
          this.#reader.read(data);
        });
        if (interruption === undefined) {
          this.#introduce();
          onListening();
        }
        await this.#ask(signal);
        interruption = await this.#listenTo(daemon, tail, signal);
      } while (interruption !== 'end');
    } catch (error) {
      // Whatever was under way when the listening was ended.
      if (!signal.aborted) throw error;
    } finally {
      await this.#end(id, tail);
      await life.release();
    }
  }

  /** Until there is something else to do than to listen. */
  async #listenTo(
    daemon: RunningDaemon,
    tail: LogTail,
    signal: AbortSignal,
  ): Promise<Interruption> {
    const { host } = this.state;
    const either = new AbortController();
    const ends = AbortSignal.any([signal, either.signal]);
    const end = new Promise<Interruption>((resolve) => {
      if (signal.aborted) resolve('end');
      const onAbort = () => {
        resolve('end');
      };
      signal.addEventListener('abort', onAbort, { signal: either.signal });
    });
    const restart = async (process: ProcessIdentity): Promise<Interruption> => {
      await host.waitForExit(process, ends);
      this.#warnOfSilence();
      await host.waitForListener(daemon.adminSocket, { signal: ends });
      return 'restart';
    };
    const full = tail.whenLargerThan(this.largestLog).then((): Interruption => 'full');
    try {
      return await Promise.race([
        ...[end, full],
        ...(daemon.process === undefined ? [] : [inBackground(restart(daemon.process))]),
      ]);
    } finally {
      either.abort();
    }
  }

  /** What is known before anything is heard. */
  #introduce(): void {
    const { state, id, instance } = this.domain;
    if (id === undefined) return;
    this.#logTrace.introduce(log, {
      pid: instance?.process.pid,
      runState: state === 'running' || state === 'paused' ? state : undefined,
      at: this.trace.now(),
    });
  }

  /**
   * Has libvirt ask the domain's QEMU something that costs nothing and changes nothing: by that the log
   * tells which monitor is the domain's, so that its next event is known to be of it.
   */
  async #ask(signal: AbortSignal): Promise<void> {
    try {
      const { uuid } = this.domain;
      await this.#virsh.run(['domstats', '--iothread', '--nowait', uuid], { signal });
    } catch (error) {
      // It does not run, or libvirt is busy with it and will say so by itself.
      if (!(error instanceof LibvirtError)) throw error;
    }
  }

  #restart(): void {
    this.#reader.end();
    this.#reader = this.#newReader();
    this.#logTrace.restart(log);
  }

  #warnOfSilence(): void {
    this.trace.add({
      type: 'warning',
      code: 'LIBVIRT_GONE',
      message:
        'libvirt’s daemon has ended. It is listened to again when it is there; what it says before that is not heard.',
    });
  }

  /** Without the host, or the daemon, it is left to whoever connects next. */
  async #end(id: string, tail: LogTail | undefined): Promise<void> {
    try {
      await this.#listening.remove(id);
    } catch (error) {
      if (!(error instanceof LibvirtError || isHostLost(error))) throw error;
    }
    try {
      await tail?.finish();
    } catch (error) {
      if (!isHostLost(error)) throw error;
    }
    this.#reader.end();
    this.#logTrace.end();
  }

  #newReader(): LogReader {
    const { name } = this.domain;
    return new LogReader({
      onEntry: (entry) => {
        if (entry.domain === name) this.#logTrace.hear(log, entry);
      },
    });
  }
}
