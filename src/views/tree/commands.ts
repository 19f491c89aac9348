/** The commands that nodes run when they are clicked, and that the welcome offers. The extension registers them. */
export const treeCommands = {
  /** Takes a `HostNode`. */
  connect: 'sidestep.connect',
  /** Takes the node that is to be loaded anew; without one, all of the tree. */
  refresh: 'sidestep.refresh',
  /** Takes a `TraceNode`. */
  openTrace: 'sidestep.openTrace',
  addHost: 'sidestep.addHost',
} as const;

/** Of the tree's view, for `when` clauses: `view == sidestep.domains`. */
export const domainTreeId = 'sidestep.domains';
