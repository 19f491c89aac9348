/**
 * Reads libvirt's log as a stream: what it tells of QMP traffic, of QEMU processes and of migrations,
 * each with its domain. Lines are told apart by their words, as libvirt 9.0 and 11.3 have them.
 *
 * How much a log tells depends on what was logged. `qemu.qemu_monitor` at level info has all
 * messages, and the names of the domains that were started meanwhile; at level debug QEMU's greetings
 * too. `qemu.qemu_domain` and `qemu.qemu_process` tell whose each monitor is, and what became of
 * processes; `qemu.qemu_migration` and `util.threadjob` the phases of migrations.
 */
import { Attribution } from './attribution';
import type { LogEntry } from './entries';
import { LogClock } from './log-clock';
import { LogLines, type Level, type LogLine, type LogLineListener } from './log-lines';
import { MigrationWatch, subjectAt } from './migration-watch';
import { monitorPrefix, MonitorWatch } from './monitor-watch';
import { after, between, decode, pointer } from './text';

export interface LogListener {
  /** In the order of the log, but for what had to wait until the log told its domain. */
  onEntry(entry: LogEntry): void;
  onUuid?(domain: string, uuid: string): void;
  /** The host that the daemon says it is on. */
  onHostname?(name: string): void;
}

export class LogReader {
  readonly #lines: LogLines;
  readonly #interpreter: Interpreter;

  constructor(listener: LogListener) {
    const clock = new LogClock();
    this.#interpreter = new Interpreter(listener, clock);
    this.#lines = new LogLines(this.#interpreter, clock);
  }

  /** The next bytes of the log, cut anywhere. */
  read(data: Uint8Array): void {
    this.#lines.read(data);
  }

  /** There is no more: a message that is cut off is told as far as it goes. */
  end(): void {
    this.#lines.end();
    this.#interpreter.end();
  }
}

interface Rule {
  /** How the message begins. */
  readonly beginning: string;
  readonly hear: (line: LogLine) => void;
}

class Interpreter implements LogLineListener {
  readonly #attribution: Attribution;
  readonly #monitors: MonitorWatch;
  readonly #migrations: MigrationWatch;
  /** By the code of the first character. */
  readonly #rules: readonly (readonly Rule[] | undefined)[];
  /** Of the line that is heard next. */
  #rule: Rule | undefined;
  /** What the sides of a migration hand each other, as far as it was heard. */
  #cookie: { name?: string } | undefined;

  constructor(
    private readonly listener: LogListener,
    clock: LogClock,
  ) {
    this.#attribution = new Attribution((entry) => {
      listener.onEntry(entry);
    });
    const monitors = new MonitorWatch(this.#attribution, clock);
    const migrations = new MigrationWatch(this.#attribution);
    this.#monitors = monitors;
    this.#migrations = migrations;
    this.#rules = byFirstCharacter({
      [monitorPrefix]: monitors.hear,
      'Line [{"QMP"': monitors.hearGreeting,
      'Entering monitor (mon=': this.#enterMonitor,
      'Connect monitor to vm=': ({ text, thread }) => {
        monitors.connect(thread, decode(between(text, " name='", "'")));
      },
      'QEMU vm=': this.#startProcess,
      'Shutting down vm=': this.#endProcess,
      'driver=0x': migrations.hearSubject,
      'vm=0x': migrations.hearSubject,
      'name=': migrations.hearName,
      "Setting 'migration ": migrations.hearPhase,
      'Prepare3 0x': migrations.hearCallOfTarget,
      'Finish3 0x': migrations.hearCallOfTarget,
      "Releasing ownership of 'migration ": migrations.hearJobEnd,
      'Stopping async job: migration ': migrations.hearJobEnd,
      'Thread ': migrations.hearCall,
      'dom=0x': this.#hearUuid,
      'Domain id=': this.#hearUuid,
      'cookielen=': () => {
        this.#cookie = {};
      },
      'hostname: ': ({ text }) => {
        listener.onHostname?.(decode(after(text, ': ')));
      },
    });
  }

  asksFor(text: string, at: number, level: Level): boolean {
    this.#rule = undefined;
    for (const rule of this.#rules[text.charCodeAt(at)] ?? []) {
      if (text.startsWith(rule.beginning, at)) this.#rule = rule;
    }
    return this.#rule !== undefined || level === 'error';
  }

  hear(line: LogLine): void {
    this.finish();
    if (line.level === 'error') this.#migrations.hearError(line);
    else this.#rule?.hear(line);
  }

  hearMore(text: string): void {
    if (this.#cookie !== undefined) this.#hearCookie(this.#cookie, text);
    this.#monitors.hearMore(text);
    this.#migrations.hearMore(text);
  }

  end(): void {
    this.finish();
    this.#monitors.end();
  }

  /** The message that was heard last has no more lines. */
  finish(): void {
    this.#cookie = undefined;
    this.#monitors.finish();
    this.#migrations.finish();
  }

  /** `  <name>demo</name>`, then `  <uuid>149a71ea-...</uuid>` */
  #hearCookie(cookie: { name?: string }, text: string): void {
    const name = between(text, '<name>', '</name>');
    const uuid = between(text, '<uuid>', '</uuid>');
    // One with characters that XML escapes is told by other lines.
    if (name !== '' && !name.includes('&')) cookie.name = decode(name);
    if (uuid !== '' && cookie.name !== undefined) this.listener.onUuid?.(cookie.name, uuid);
  }

  /** `Entering monitor (mon=0x7f27 vm=0x7f28 name=demo)` */
  readonly #enterMonitor = ({ text }: LogLine): void => {
    const domain = decode(between(text, ' name=', ')'));
    const monitor = pointer(text, '(mon=');
    const vm = pointer(text, ' vm=');
    if (monitor !== undefined) this.#monitors.name(monitor, domain);
    if (vm !== undefined) this.#attribution.name(subjectAt(vm), domain);
  };

  /** `QEMU vm=0x7f28 name=demo running with pid=501` */
  readonly #startProcess = ({ text, at }: LogLine): void => {
    const domain = decode(between(text, ' name=', ' running with pid='));
    const vm = pointer(text, ' vm=');
    if (domain === '' || vm === undefined) return;
    this.#attribution.name(subjectAt(vm), domain);
    const pid = Number(text.slice(text.lastIndexOf('=') + 1));
    this.listener.onEntry({ type: 'process', edge: 'start', at, domain, pid });
  };

  /** `Shutting down vm=0x7f28 name=demo id=1 pid=501, reason=migrated, asyncJob=none, flags=0x1` */
  readonly #endProcess = ({ text, at }: LogLine): void => {
    const [, name = '', pid, reason = ''] = shutdown.exec(text) ?? [];
    const vm = pointer(text, ' vm=');
    if (pid === undefined || vm === undefined) return;
    const domain = decode(name);
    this.listener.onEntry({ type: 'process', edge: 'exit', at, domain, pid: Number(pid), reason });
  };

  /** `dom=0x7f27, (VM: name=demo, uuid=149a71ea-...), ...`, `Domain id=1 name='demo' uuid=...` */
  readonly #hearUuid = ({ text }: LogLine): void => {
    const [, name, uuid] = nameAndUuid.exec(text) ?? [];
    if (name !== undefined && uuid !== undefined) this.listener.onUuid?.(decode(name), uuid);
  };
}

const shutdown = / name=(.*) id=-?\d+ pid=(\d+), reason=([^,]*)/;
const nameAndUuid = /(?: \(VM: name=|id=\d+ name=')(.*)(?:, |' )uuid=([0-9a-f-]{36})/;

function byFirstCharacter(
  rules: Readonly<Record<string, (line: LogLine) => void>>,
): readonly (readonly Rule[] | undefined)[] {
  const byCharacter: Rule[][] = [];
  for (const [beginning, hear] of Object.entries(rules)) {
    (byCharacter[beginning.charCodeAt(0)] ??= []).push({ beginning, hear });
  }
  return byCharacter;
}
