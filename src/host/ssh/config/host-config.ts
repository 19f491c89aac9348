/** What is known about how to reach a host, in the words of ssh_config(5). */
import type { Destination } from './destination';

export type StrictHostKeyChecking = 'yes' | 'ask' | 'accept-new' | 'no';

/** A method to log in with, of those that are supported. */
export type Authentication = 'publickey' | 'keyboard-interactive' | 'password';

export interface HostConfig {
  /** As the user named it. */
  readonly host: string;
  readonly hostName: string;
  readonly user: string;
  readonly port: number;
  readonly addressFamily: 'any' | 'inet' | 'inet6';
  /** From the first to be reached on; none if the host is reached without. */
  readonly proxyJump: readonly Destination[];
  /** A shell's command line, its tokens expanded. */
  readonly proxyCommand: string | undefined;
  readonly connectTimeoutMs: number;

  readonly hostKeyAlias: string | undefined;
  readonly strictHostKeyChecking: StrictHostKeyChecking;
  /** The first is the one that accepted keys are written to. */
  readonly userKnownHostsFiles: readonly string[];
  readonly globalKnownHostsFiles: readonly string[];
  readonly hashKnownHosts: boolean;
  /** In the order of preference; empty: no wish. */
  readonly hostKeyAlgorithms: readonly string[];

  /** Those that are allowed, in the order of preference. */
  readonly authentications: readonly Authentication[];
  readonly numberOfPasswordPrompts: number;
  /** Nobody is to be asked anything. */
  readonly batchMode: boolean;
  readonly identityFiles: readonly string[];
  /** Only keys of `identityFiles` are offered, wherever their private part is. */
  readonly identitiesOnly: boolean;
  /** The agent's socket; undefined: there is none. */
  readonly identityAgent: string | undefined;

  readonly serverAliveIntervalMs: number;
  readonly serverAliveCountMax: number;
}

export const allAuthentications: readonly Authentication[] = [
  'publickey',
  'keyboard-interactive',
  'password',
];

/** For what OpenSSH leaves to the system or turns off: a connection that died must be noticed. */
export const defaults = {
  connectTimeoutMs: 15_000,
  serverAliveIntervalMs: 15_000,
  serverAliveCountMax: 3,
} as const;
