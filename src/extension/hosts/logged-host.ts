import { redactArguments } from '../../engine/trace/redact';
import type { FileOperation, FileResults } from '../../host/files';
import type {
  ConnectOptions,
  Conversation,
  ConverseOptions,
  Endpoint,
  Host,
  HostFacts,
  RunOptions,
  RunResult,
} from '../../host/host';
import type { ProcessIdentity, ProcessSpec, Signal } from '../../host/process';
import { quoteArguments } from '../../qemu/commandline/launch-script';
import type { Log } from '../log';

/** A host whose programs are told to the log, each with how it ended and how long it took. */
export class LoggedHost implements Host {
  constructor(
    private readonly host: Host,
    private readonly log: Pick<Log, 'trace'>,
  ) {}

  get name(): string {
    return this.host.name;
  }

  get facts(): HostFacts {
    return this.host.facts;
  }

  now = () => this.host.now();

  async run(argv: readonly string[], options?: RunOptions): Promise<RunResult> {
    const began = performance.now();
    const result = await this.host.run(argv, options);
    const how = result.status === undefined ? `signal ${result.killedBy ?? ''}` : result.status;
    const took = (performance.now() - began).toFixed(1);
    this.log.trace(`${this.name}: ${commandLine(argv)} -> ${how} in ${took} ms`);
    return result;
  }

  async start(spec: ProcessSpec): Promise<ProcessIdentity> {
    const started = await this.host.start(spec);
    this.log.trace(`${this.name}: started ${started.pid}: ${commandLine(spec.argv)}`);
    return started;
  }

  async signal(process: ProcessIdentity, signal: Signal): Promise<boolean> {
    const wasThere = await this.host.signal(process, signal);
    this.log.trace(`${this.name}: ${signal} to ${process.pid}${wasThere ? '' : ', which is gone'}`);
    return wasThere;
  }

  files<const Ops extends readonly FileOperation[]>(operations: Ops): Promise<FileResults<Ops>> {
    return this.host.files(operations);
  }

  openAppend = (path: string, mode?: number) => this.host.openAppend(path, mode);

  watchGrowth = (path: string, offset: number, onData: (data: Buffer) => void) =>
    this.host.watchGrowth(path, offset, onData);

  watchFolder = (path: string, onChange: () => void) => this.host.watchFolder(path, onChange);

  converse = (conversations: readonly Conversation[], options: ConverseOptions) =>
    this.host.converse(conversations, options);

  connect = (endpoint: Endpoint, options?: ConnectOptions) => this.host.connect(endpoint, options);

  waitForListener = (path: string, options?: ConnectOptions) =>
    this.host.waitForListener(path, options);

  inspect = (pids: readonly number[]) => this.host.inspect(pids);

  waitForExit = (process: ProcessIdentity, signal?: AbortSignal) =>
    this.host.waitForExit(process, signal);

  lock = (path: string) => this.host.lock(path);

  dispose = () => this.host.dispose();
}

function commandLine(argv: readonly string[]): string {
  return quoteArguments(redactArguments(argv));
}
