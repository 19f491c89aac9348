/** QEMU on ports and sockets that somebody else has. */
import type { Recogniser } from '../diagnosis';
import { said } from './said';

export const addressWords: readonly Recogniser[] = [
  // util/qemu-sockets.c; the option that it is about stands before it
  said(
    /^(.*)(?:Failed to find an available port|Failed to bind socket to (.*)|Failed to listen on socket): Address already in use$/,
    ([option = '', address = ''], { instance }) => {
      const [, port] = /\bport=(\d+)/.exec(option) ?? [];
      const where = address === '' && port !== undefined ? `port ${port}` : address;
      return {
        code: 'ADDRESS_BUSY',
        message: `${instance.name} cannot listen${where === '' ? '' : ` on ${where}`}: another process does.`,
        hint: 'End that process (`ss -tlnp` and `ss -xlp` name it), or give the domain another address.',
      };
    },
  ),
];
