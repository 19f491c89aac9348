/** The four kinds of message that QEMU sends, as docs/interop/qmp-spec has them. */
import * as v from 'valibot';
import { QmpError } from './errors';

export interface QmpGreeting {
  /** `10.0.13` */
  readonly version: string;
  /** The packager's addition: `Debian 1:10.0.13+ds-0+deb13u1`, or empty. */
  readonly package: string;
  /** `oob` */
  readonly capabilities: readonly string[];
}

export interface ReceivedGreeting {
  readonly kind: 'greeting';
  readonly greeting: QmpGreeting;
}

export interface ReceivedReply {
  readonly kind: 'reply';
  readonly id: string | undefined;
  readonly value: unknown;
}

export interface ReceivedError {
  readonly kind: 'error';
  /** Absent when QEMU could not read the command it answers. */
  readonly id: string | undefined;
  readonly errorClass: string;
  readonly desc: string;
}

export interface ReceivedEvent {
  readonly kind: 'event';
  readonly name: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** QEMU's own timestamp: µs since the Unix epoch on the host's clock. */
  readonly at: number;
}

export type Received = ReceivedGreeting | ReceivedReply | ReceivedError | ReceivedEvent;

const id = v.optional(v.string());

const greetingSchema = v.object({
  QMP: v.object({
    version: v.object({
      qemu: v.object({ major: v.number(), minor: v.number(), micro: v.number() }),
      package: v.string(),
    }),
    capabilities: v.array(v.string()),
  }),
});
const replySchema = v.object({ return: v.unknown(), id });
const errorSchema = v.object({ error: v.object({ class: v.string(), desc: v.string() }), id });
const eventSchema = v.object({
  event: v.string(),
  data: v.optional(v.record(v.string(), v.unknown()), {}),
  timestamp: v.object({
    seconds: v.pipe(v.number(), v.safeInteger()),
    microseconds: v.pipe(v.number(), v.safeInteger()),
  }),
});

/**
 * Tells what QEMU sent. Members we do not know are ignored, so a newer QEMU may say more.
 * @throws QmpError `NOT_QMP`
 */
export function parseMessage(message: unknown): Received {
  if (v.is(eventSchema, message)) {
    const { event, data = {}, timestamp } = message;
    const at = timestamp.seconds * 1_000_000 + timestamp.microseconds;
    return { kind: 'event', name: event, data, at };
  }
  // `return` must be there: valibot's unknown() would take its absence for undefined.
  if (v.is(replySchema, message) && 'return' in message) {
    return { kind: 'reply', id: message.id, value: message.return };
  }
  if (v.is(errorSchema, message)) {
    const { error } = message;
    return { kind: 'error', id: message.id, errorClass: error.class, desc: error.desc };
  }
  if (v.is(greetingSchema, message)) {
    const { version, capabilities } = message.QMP;
    const { major, minor, micro } = version.qemu;
    return {
      kind: 'greeting',
      greeting: { version: `${major}.${minor}.${micro}`, package: version.package, capabilities },
    };
  }
  const excerpt = JSON.stringify(message).slice(0, 60);
  throw new QmpError('NOT_QMP', `The monitor sent JSON that is no QMP message: ${excerpt}`);
}
