import { asTreeNode } from '../../views/tree/node';
import type { Handler } from './action';

/** Shows the node's host anew, or all hosts. */
export const refresh: Handler = (services, given) => {
  services.refresh(asTreeNode(given)?.hostId);
  return Promise.resolve();
};

export const showLog: Handler = ({ log }) => {
  log.show();
  return Promise.resolve();
};
