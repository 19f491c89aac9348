/** How guest RAM gets across. */
export const modes = ['precopy', 'ignore-shared', 'cpr-transfer'] as const;
export type Mode = (typeof modes)[number];

export function isMode(text: string): text is Mode {
  return (modes as readonly string[]).includes(text);
}
