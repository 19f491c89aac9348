/** What a user can do, each with where VS Code offers it and the code behind it. */
import type { Services } from '../services';

/** Given what VS Code hands to the command: from a tree its node, from an editor its address. */
export type Handler = (services: Services, ...given: readonly unknown[]) => Promise<void>;

export interface MenuPlace {
  readonly menu:
    'view/item/context' | 'view/title' | 'editor/context' | 'editor/title' | 'explorer/context';
  readonly when: string;
  readonly group: string;
}

export interface Action {
  readonly id: `sidestep.${string}`;
  /** In English; `…` where it asks something before it acts. */
  readonly title: string;
  readonly icon?: string;
  /** Whether it is there in a workspace that is not trusted, where no host is touched. */
  readonly isHarmless?: true;
  /** When the palette has it; always if not given. Without an argument it asks for what it needs. */
  readonly palette?: string;
  readonly menus?: readonly MenuPlace[];
  /** Loads its code, at its first use. */
  readonly load: () => Promise<Handler>;
}
