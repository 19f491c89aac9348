/** The connections at which libvirt's QEMU domains are found. */

/** The machine's daemon, and the user's own. */
export const connectionUris = ['qemu:///system', 'qemu:///session'] as const;
export type ConnectionUri = (typeof connectionUris)[number];
