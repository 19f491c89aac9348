import { homedir, hostname, userInfo } from 'node:os';

/** What the configuration refers to of the machine and the user we run as. */
export interface Surroundings {
  readonly user: string;
  readonly uid: number;
  readonly home: string;
  readonly localHost: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
}

export function surroundings(env = process.env): Surroundings {
  const { username, uid } = userInfo();
  return {
    user: username,
    uid,
    home: homedir(),
    localHost: hostname(),
    env,
    platform: process.platform,
  };
}
