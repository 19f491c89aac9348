/** The QMP traffic in the log: which message went over which monitor, each once. */
import type { Attribution } from './attribution';
import { BoundedMap } from './bounded-map';
import type { MessageEntry, Unattributed } from './entries';
import type { LogClock } from './log-clock';
import type { LogLine } from './log-lines';
import { after, decode, pointer } from './text';

interface Monitor {
  /** Counted through the log. */
  readonly number: number;
  readonly subject: string;
  /**
   * What its domain is called if the log never tells. One that the log has seen opened without it is
   * no domain's: libvirt asks an emulator what it can do.
   */
  readonly makeshift: string | undefined;
  /** What was handed over to be written, and has not been yet. */
  sent: string | undefined;
}

/** A message whose end is on a further line, or missing. */
interface Unfinished extends Pick<MessageEntry, 'at' | 'kind'> {
  readonly monitor: Monitor;
  text: string;
}

/** What stands behind the prefix, and before the message. A command is handed over, then written. */
const messages: ReadonlyMap<string, LoggedMessage> = new Map([
  ['SEND_MSG:', { kind: 'command', mark: ' msg=', isHandedOver: true }],
  ['IO_WRITE:', { kind: 'command', mark: ' buf=', isHandedOver: false }],
  ['RECV_REPLY:', { kind: 'reply', mark: ' reply=' }],
  ['RECV_EVENT:', { kind: 'event', mark: ' event=' }],
]);

type LoggedMessage =
  | { readonly kind: 'command'; readonly mark: string; readonly isHandedOver: boolean }
  | { readonly kind: 'reply' | 'event'; readonly mark: string };

export const monitorPrefix = 'QEMU_MONITOR_';

const mostThreads = 1_000;

/** One that does not end before is told as far as it goes, in characters. */
const longestMessage = 64 * 1024 * 1024;

/** In the answer to `query-chardev`: where libvirt has a domain's monitor. A long name is cut there. */
const chardev = /\{[^{}]*\}/g;
const monitorLabel = '"label": "charmonitor"';
const monitorSocket = /"unix:[^"]*\/domain-\d+-([^"/]+)\/monitor\.sock/;

const eventTime = /"timestamp": \{"seconds": (\d{1,11}), "microseconds": (\d{1,6})\}/;

export class MonitorWatch {
  /** By pointer. */
  readonly #monitors = new BoundedMap<string, Monitor>(10_000);
  /** By thread: the domain whose monitor it is about to open. */
  readonly #connecting = new BoundedMap<number, string>(mostThreads);
  /** By thread: what QEMU said first, of which the log does not say on which monitor. */
  readonly #greetings = new BoundedMap<number, { readonly at: number; readonly json: string }>(
    mostThreads,
  );
  #count = 0;
  #unfinished: Unfinished | undefined;

  constructor(
    private readonly attribution: Attribution,
    private readonly clock: LogClock,
  ) {}

  /** `QEMU_MONITOR_SEND_MSG: mon=0x7f1c msg={...}` and the like. */
  readonly hear = ({ text, thread, at }: LogLine): void => {
    const address = pointer(text, 'mon=');
    if (address === undefined) return;
    const what = text.slice(monitorPrefix.length, text.indexOf(':') + 1);
    if (what === 'NEW:') this.#open(address, thread, at);
    else if (what === 'CLOSE:') this.#close(address, at);
    const message = messages.get(what);
    if (message === undefined) return;
    const { kind, mark } = message;
    const monitor = this.#at(address);
    this.#greet(monitor, thread);
    const json = decode(after(text, mark)).trimEnd();
    if (kind === 'command') {
      if (message.isHandedOver) monitor.sent = json;
      else if (isKnown(monitor, json)) return;
    }
    // Without it the rest of the message is on the lines that follow, or lost.
    if (json.endsWith('}')) this.#tell(monitor, kind, at, json);
    else this.#unfinished = { monitor, kind, at, text: json };
  };

  hearMore(text: string): void {
    const unfinished = this.#unfinished;
    if (unfinished === undefined) return;
    const line = decode(text);
    unfinished.text += `\n${line}`;
    if (line.endsWith('}') || unfinished.text.length > longestMessage) this.finish();
  }

  /** The message that was heard last has no more lines. */
  finish(): void {
    const unfinished = this.#unfinished;
    if (unfinished === undefined) return;
    this.#unfinished = undefined;
    const { monitor, kind, at, text } = unfinished;
    this.#tell(monitor, kind, at, text);
  }

  /** The log has ended. */
  end(): void {
    for (const monitor of this.#monitors.values()) this.#forget(monitor);
  }

  /** `Line [{"QMP": ...}]` */
  readonly hearGreeting = ({ text, thread, at }: LogLine): void => {
    const json = decode(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1));
    this.#greetings.set(thread, { at, json });
  };

  /** `Connect monitor to vm=0x7f27 name='demo'`: this thread's next monitor is the domain's. */
  connect(thread: number, domain: string): void {
    this.#connecting.set(thread, domain);
  }

  /** Of the monitor at this pointer it is said whose it is. */
  name(address: string, domain: string): void {
    this.attribution.name(this.#at(address).subject, domain);
  }

  #open(address: string, thread: number, at: number): void {
    // The end of what was there before may not have been logged.
    this.#close(address, at);
    const { subject } = this.#meet(address, undefined);
    const domain = this.#connecting.get(thread);
    this.#connecting.delete(thread);
    if (domain !== undefined) this.attribution.name(subject, domain);
  }

  #close(address: string, at: number): void {
    const monitor = this.#monitors.get(address);
    if (monitor === undefined) return;
    this.#monitors.delete(address);
    this.#say(monitor, { type: 'monitor-closed', monitor: monitor.number, at });
    this.#forget(monitor);
  }

  /** One that was opened before the log begins is met when something is said over it. */
  #at(address: string): Monitor {
    return this.#monitors.get(address) ?? this.#meet(address, `monitor ${address}`);
  }

  #meet(address: string, makeshift: string | undefined): Monitor {
    const number = ++this.#count;
    const monitor = { number, subject: `monitor ${number}`, makeshift, sent: undefined };
    this.#monitors.set(decode(address), monitor);
    return monitor;
  }

  #forget({ subject, makeshift }: Monitor): void {
    if (makeshift !== undefined) this.#useMakeshift(subject, makeshift);
    this.attribution.forget(subject);
  }

  #greet(monitor: Monitor, thread: number): void {
    const greeting = this.#greetings.get(thread);
    if (greeting === undefined) return;
    this.#greetings.delete(thread);
    const { at, json } = greeting;
    const { number } = monitor;
    this.#say(monitor, { type: 'message', kind: 'greeting', monitor: number, at, json });
  }

  #tell(monitor: Monitor, kind: MessageEntry['kind'], loggedAt: number, json: string): void {
    const { number, subject } = monitor;
    let at = loggedAt;
    if (kind === 'event') {
      at = eventTimeOf(json) ?? loggedAt;
      this.clock.hear(at);
    } else if (kind === 'reply' && this.attribution.nameOf(subject) === undefined) {
      const name = monitorSocket.exec(monitorChardev(json))?.[1];
      if (name !== undefined) this.attribution.name(subject, name);
    }
    this.#say(monitor, { type: 'message', kind, monitor: number, at, json });
  }

  #say({ subject, makeshift }: Monitor, entry: Unattributed): void {
    if (this.attribution.add(subject, entry) || makeshift === undefined) return;
    this.attribution.name(subject, makeshift);
    this.attribution.add(subject, entry);
  }

  #useMakeshift(subject: string, makeshift: string): void {
    if (this.attribution.nameOf(subject) === undefined) this.attribution.name(subject, makeshift);
  }
}

/** What is written was sent before, and may be written in parts: each of them ends it. */
function isKnown(monitor: Monitor, written: string): boolean {
  return monitor.sent?.endsWith(written) ?? false;
}

function monitorChardev(json: string): string {
  for (const [text] of json.matchAll(chardev)) if (text.includes(monitorLabel)) return text;
  return '';
}

function eventTimeOf(json: string): number | undefined {
  const [, seconds, microseconds] = eventTime.exec(json) ?? [];
  return seconds === undefined ? undefined : Number(seconds) * 1_000_000 + Number(microseconds);
}
