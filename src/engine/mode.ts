/** How guest RAM gets across. */
export const modes = ['precopy', 'ignore-shared', 'cpr-transfer', 'postcopy'] as const;
export type Mode = (typeof modes)[number];

export function isMode(text: string): text is Mode {
  return (modes as readonly string[]).includes(text);
}

/** Whether the target has RAM of its own, which the source's is copied to. */
export function copiesRam(mode: Mode): boolean {
  return mode === 'precopy' || mode === 'postcopy';
}
