/** No secret reaches a trace: a trace is attached to bug reports. */
import type { TraceRecord } from './record';

const hidden = '(hidden)';

/** Arguments of QMP commands that set a secret. */
const secretArguments: Readonly<Record<string, readonly string[]>> = {
  set_password: ['password'],
  'change-vnc-password': ['password'],
  'object-add': ['data'],
  'guest-set-user-password': ['password'],
  'guest-ssh-add-authorized-keys': ['keys'],
};

export function redact(record: TraceRecord): TraceRecord {
  if (record.type === 'process' && record.argv !== undefined) {
    return { ...record, argv: redactArguments(record.argv) };
  }
  // QEMU repeats the option that an error is about.
  if (record.type === 'output') return { ...record, text: redactText(record.text) };
  if ((record.type === 'verdict' || record.type === 'warning') && record.message !== undefined) {
    return { ...record, message: redactText(record.message) };
  }
  if (record.type === 'qmp' && record.kind === 'command' && record.name !== undefined) {
    const keys = secretArguments[record.name];
    if (keys !== undefined) return { ...record, message: hideArguments(record.message, keys) };
    if (record.name === 'human-monitor-command') {
      return { ...record, message: hideHumanCommand(record.message) };
    }
  }
  return record;
}

function redactText(text: string): string {
  return redactArguments(text.split('\n')).join('\n');
}

/** The values of `password=` and of a secret object's `data=`, in either syntax. */
export function redactArguments(argv: readonly string[]): string[] {
  return argv.map((argument) =>
    argument
      .replace(
        /((?:^|,)(?:data|password(?!-secret))=)(?!on(?:,|$)|off(?:,|$))(?:,,|[^,])*/g,
        `$1${hidden}`,
      )
      .replace(/("(?:data|password)"\s*:\s*)"(?:\\.|[^"\\])*"/g, `$1"${hidden}"`),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function hideArguments(message: unknown, keys: readonly string[]): unknown {
  if (!isRecord(message) || !isRecord(message['arguments'])) return message;
  const shown = { ...message['arguments'] };
  for (const key of keys) if (key in shown) shown[key] = hidden;
  return { ...message, arguments: shown };
}

/** `set_password vnc secret`, `change vnc password secret`: all behind the command goes. */
function hideHumanCommand(message: unknown): unknown {
  if (!isRecord(message) || !isRecord(message['arguments'])) return message;
  const line = message['arguments']['command-line'];
  if (typeof line !== 'string' || !/password|object_add/.test(line)) return message;
  const command = line.trim().split(/\s/, 1)[0] ?? '';
  return {
    ...message,
    arguments: { ...message['arguments'], 'command-line': `${command} ${hidden}` },
  };
}
