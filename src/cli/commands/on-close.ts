/** The option `--on-close`. */
import { closeActions, type CloseAction } from '../../engine/migration/on-close';
import { parseChoice } from '../arguments';

export const onCloseOption = {
  value: 'WHAT',
  help: 'when the command is ended before the guest has moved: "finish", the default, or "cancel"',
} as const;

/** What the help of a command that has the option says of it. */
export const onCloseHelp = `A command that is ended otherwise (SIGTERM, SIGHUP, or killed) leaves the migration to QEMU, and whoever
connects next confirms it; with --on-close cancel it is cancelled, by the command itself if it can, else
by whoever connects next.`;

export function parseOnClose(text: string | undefined): CloseAction | undefined {
  return text === undefined ? undefined : parseChoice('on-close', text, closeActions);
}
