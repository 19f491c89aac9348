import { rm, writeFile } from 'node:fs/promises';
import { striking, type Fault, type Scene } from '../fault';

const filler = ({ smallDisk }: Scene) => `${smallDisk}/filler`;

export const fullDisk: Fault = {
  name: 'the state folder’s disk full',
  befall: striking(async (scene) => {
    await writeFile(filler(scene), Buffer.alloc(64 * 1024 ** 2)).catch(() => undefined);
  }),
  heal: async (scene) => rm(filler(scene), { force: true }),
};
