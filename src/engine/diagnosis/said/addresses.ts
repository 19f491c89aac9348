/** QEMU on ports and sockets that somebody else has. */
import type { Recogniser } from '../diagnosis';
import { said } from './said';

export const addressWords: readonly Recogniser[] = [
  said(
    /(?:Failed to (?:bind socket to|listen on|find an available port)|Could not set up host forwarding rule)\s*'?(.*?)'?(?:: Address already in use)?$/,
    ([address], { instance }) => ({
      code: 'ADDRESS_BUSY',
      message: `${instance.name} cannot listen${address === undefined || address === '' ? '' : ` on ${address}`}: another process does.`,
      hint: 'End that process (`ss -tlnp`, `ss -xlp` name it), or give the domain another address.',
    }),
  ),
];
