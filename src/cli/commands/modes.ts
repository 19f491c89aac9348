/** The option that says how guest RAM gets across. */
import { modes, type Mode } from '../../engine/mode';
import { parseChoice } from '../arguments';

export const modeOption = {
  value: 'MODE',
  help: `auto (the fastest that can be, the default), ${modes.join(', ')}`,
} as const;

export function parseMode(text: string | undefined): Mode | 'auto' {
  return text === undefined ? 'auto' : parseChoice('mode', text, ['auto', ...modes]);
}

export const targetOption = {
  value: 'BIN',
  help: "the target's QEMU binary, by default the one the domain runs on",
} as const;
